// Beside row_values. One byte for the kind, then eight bytes of a number, or of a length with the
// bytes behind it; in this machine's order, as it never leaves the process but in page tokens.

#include "views/packed_values.hpp"

#include <cstring>

namespace perdure::views {
namespace {

template <class T>
void append(std::string& to, T number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  to.append(bytes, sizeof bytes);
}

struct packer {
  std::string& to;

  void operator()(std::monostate) const { to += 'n'; }
  void operator()(std::int64_t number) const {
    to += 'i';
    append(to, number);
  }
  void operator()(double number) const {
    to += 'r';
    append(to, number);
  }
  void operator()(const std::string& text) const { sized('t', text); }
  void operator()(const sql_blob& blob) const { sized('b', blob.bytes); }

  void sized(char kind, const std::string& bytes) const {
    to += kind;
    append(to, std::uint64_t{bytes.size()});
    to += bytes;
  }
};

// Takes values off the front; false: there is none of ours.
class unpacker {
 public:
  explicit unpacker(std::string_view packed) : rest_(packed) {}
  bool at_end() const { return rest_.empty(); }

  bool next(sql_value& value) {
    char kind = rest_.front();
    rest_.remove_prefix(1);
    switch (kind) {
      case 'n':
        value = std::monostate{};
        return true;
      case 'i':
        return number<std::int64_t>(value);
      case 'r':
        return number<double>(value);
      case 't':
      case 'b':
        return sized(kind, value);
      default:
        return false;
    }
  }

 private:
  template <class T>
  bool number(sql_value& value) {
    T read;
    if (!take(read)) return false;
    value = read;
    return true;
  }

  bool sized(char kind, sql_value& value) {
    std::uint64_t size;
    if (!take(size) || size > rest_.size()) return false;
    std::string bytes(rest_.substr(0, size));
    rest_.remove_prefix(size);
    if (kind == 't') {
      value = std::move(bytes);
    } else {
      value = sql_blob{std::move(bytes)};
    }
    return true;
  }

  template <class T>
  bool take(T& number) {
    if (rest_.size() < sizeof number) return false;
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::string pack(const std::vector<sql_value>& values) {
  std::string packed;
  for (auto& value : values) pack_behind(packed, value);
  return packed;
}

void pack_behind(std::string& packed, const sql_value& value) { std::visit(packer{packed}, value); }

result<std::vector<sql_value>> unpack(std::string_view packed) {
  std::vector<sql_value> values;
  unpacker reader(packed);
  while (!reader.at_end()) {
    if (!reader.next(values.emplace_back())) {
      return status(status_code::invalid_argument, "this is no packed list of values");
    }
  }
  return values;
}

}  // namespace perdure::views
