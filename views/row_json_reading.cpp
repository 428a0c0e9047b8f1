// From JSON that SQL answers into fields; row_json_writing is the way there. Reads all of JSON, as
// users may make it with SQLite's functions.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/stubs/strutil.h>

#include <charconv>
#include <cmath>

#include "views/row_json.hpp"
#include "views/row_values.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Reads one value at a time; after the first problem it stands still, and says it in the end.
class json_reader {
 public:
  explicit json_reader(std::string_view json) : json_(json) {}

  status end() {
    if (problem_.ok() && peek() != '\0') fail("expected the end");
    return problem_;
  }

  // All of a field.
  void field(Message& message, const FieldDescriptor& of) {
    if (!of.is_repeated()) return element(message, of);
    if (of.is_map()) {
      return members([&](const std::string& name) { entry(message, of, name); });
    }
    elements([&] { element(message, of); });
  }

  // Of a repeated field one element.
  void element(Message& message, const FieldDescriptor& of) {
    auto* reflection = message.GetReflection();
    if (element_type_of(of) == column_type::json) {
      if (!is_value(*of.message_type()) && took("null")) return;
      whole(of.is_repeated() ? *reflection->AddMessage(&message, &of)
                             : *reflection->MutableMessage(&message, &of));
      return;
    }
    peek();
    auto begin = at_;
    auto value = scalar(of);
    auto was_set = of.is_repeated() ? add_value(message, of, value) : set_value(message, of, value);
    if (was_set.ok() || !problem_.ok()) return;
    at_ = begin;
    fail(was_set.message());
  }

 private:
  static constexpr int depth_max = 100;

  static bool is_value(const Descriptor& type) {
    return type.full_name() == "google.protobuf.Value";
  }

  void whole(Message& message) {
    auto& type = *message.GetDescriptor();
    auto& name = type.full_name();
    if (++depth_ > depth_max) return fail("more than 100 levels");
    if (name == "google.protobuf.Struct" || name == "google.protobuf.ListValue") {
      field(message, *type.field(0));
    } else if (is_value(type)) {
      struct_value(message);
    } else {
      members([&](const std::string& member) { member_of(message, member); });
    }
    --depth_;
  }

  void member_of(Message& message, const std::string& name) {
    auto& type = *message.GetDescriptor();
    auto* found = type.FindFieldByName(name);
    if (!found) found = type.FindFieldByCamelcaseName(name);
    if (!found) return fail("\"" + type.full_name() + "\" has no field \"" + name + "\"");
    if (found->is_repeated() && took("null")) return;
    field(message, *found);
  }

  void entry(Message& message, const FieldDescriptor& map, const std::string& name) {
    auto& added = *message.GetReflection()->AddMessage(&message, &map);
    auto& key = *map.message_type()->map_key();
    sql_value read = name;
    std::int64_t number = 0;
    auto digits = std::from_chars(name.data(), name.data() + name.size(), number);
    bool is_number = digits.ec == std::errc{} && digits.ptr == name.data() + name.size();
    if (key.cpp_type() != FieldDescriptor::CPPTYPE_STRING && is_number) read = number;
    if (auto was_set = set_value(added, key, read); !was_set.ok()) return fail(was_set.message());
    field(added, *map.message_type()->map_value());
  }

  void struct_value(Message& message) {
    auto& type = *message.GetDescriptor();
    auto kind = [&](const char* name) -> auto& { return *type.FindFieldByName(name); };
    char next = peek();
    if (next == '{') return field(message, kind("struct_value"));
    if (next == '[') return field(message, kind("list_value"));
    if (next == '"') return element(message, kind("string_value"));
    if (next == 't' || next == 'f') return element(message, kind("bool_value"));
    if (took("null")) {
      message.GetReflection()->SetEnumValue(&message, &kind("null_value"), 0);
      return;
    }
    element(message, kind("number_value"));
  }

  template <class Each>
  void members(Each each) {
    list('{', '}', [&] {
      auto name = text();
      if (expect(':')) each(name);
    });
  }

  template <class Each>
  void elements(Each each) {
    list('[', ']', each);
  }

  template <class Each>
  void list(char open, char close, Each each) {
    if (!expect(open) || took(close)) return;
    do {
      each();
    } while (problem_.ok() && took(','));
    expect(close);
  }

  sql_value scalar(const FieldDescriptor& of) {
    if (took("null")) return std::monostate{};
    if (took("true")) return std::int64_t{1};
    if (took("false")) return std::int64_t{0};
    if (peek() != '"') return number();
    auto read = text();
    if (of.type() != FieldDescriptor::TYPE_BYTES) return read;
    sql_blob decoded;
    if (!google::protobuf::Base64Unescape(read, &decoded.bytes)) fail("expected base64");
    return decoded;
  }

  sql_value number() {
    peek();
    auto length = std::min(json_.find_first_not_of("+-.0123456789eE", at_), json_.size()) - at_;
    auto digits = json_.substr(at_, length);
    auto* end = digits.data() + digits.size();
    std::int64_t integer = 0;
    auto read = std::from_chars(digits.data(), end, integer);
    double real = 0;
    if (read.ec != std::errc{} || read.ptr != end) {
      read = std::from_chars(digits.data(), end, real);
      if (read.ec == std::errc::result_out_of_range) real = past_double(digits);
      if (read.ec == std::errc::invalid_argument || read.ptr != end) {
        fail("expected a value");
        return std::monostate{};
      }
      at_ += length;
      return real;
    }
    at_ += length;
    return integer;
  }

  static double past_double(std::string_view digits) {
    if (digits.find("e-") != std::string_view::npos) return 0;
    if (digits.find("E-") != std::string_view::npos) return 0;
    return digits.front() == '-' ? -HUGE_VAL : HUGE_VAL;
  }

  std::string text() {
    std::string read;
    if (!expect('"')) return read;
    while (at_ < json_.size() && json_[at_] != '"') {
      if (json_[at_] != '\\') {
        read += json_[at_++];
      } else if (!escape(read)) {
        fail("expected an escape of JSON");
        return read;
      }
    }
    expect('"');
    return read;
  }

  bool escape(std::string& read) {
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    if (++at_ == json_.size()) return false;
    char letter = json_[at_++];
    if (auto which = letters.find(letter); which != std::string_view::npos) {
      read += meant[which];
      return true;
    }
    unsigned code = 0;
    if (letter != 'u' || !hex(code)) return false;
    bool is_first_half = code >= 0xd800 && code < 0xdc00;
    if (is_first_half && json_.substr(at_, 2) == "\\u") {
      unsigned second = 0;
      at_ += 2;
      if (!hex(second) || second < 0xdc00 || second > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
    }
    return append_utf8(read, code);
  }

  bool hex(unsigned& code) {
    auto digits = json_.substr(at_, 4);
    auto* end = digits.data() + digits.size();
    at_ += digits.size();
    return digits.size() == 4 && std::from_chars(digits.data(), end, code, 16).ptr == end;
  }

  static bool append_utf8(std::string& to, unsigned code) {
    auto byte = [&](unsigned bits) { to += static_cast<char>(bits); };
    if (code >= 0xd800 && code <= 0xdfff) return false;  // half a character
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xc0 | (code >> 6));
    } else if (code < 0x10000) {
      byte(0xe0 | (code >> 12));
      byte(0x80 | ((code >> 6) & 63));
    } else {
      byte(0xf0 | (code >> 18));
      byte(0x80 | ((code >> 12) & 63));
      byte(0x80 | ((code >> 6) & 63));
    }
    if (code >= 0x80) byte(0x80 | (code & 63));
    return true;
  }

  // The next character that is no white space, '\0' at the end and after a problem.
  char peek() {
    at_ = std::min(json_.find_first_not_of(" \t\r\n", at_), json_.size());
    return at_ < json_.size() && problem_.ok() ? json_[at_] : '\0';
  }

  bool took(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  bool took(std::string_view word) {
    if (peek() != word.front() || json_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool expect(char wanted) {
    if (took(wanted)) return true;
    fail(std::string("expected '") + wanted + "'");
    return false;
  }

  void fail(const std::string& why) {
    if (!problem_.ok()) return;
    problem_ = status(status_code::invalid_argument,
                      "JSON at byte " + std::to_string(at_ + 1) + ": " + why);
  }

  std::string_view json_;
  std::size_t at_ = 0;
  int depth_ = 0;
  status problem_;
};

}  // namespace

status set_from_json(Message& message, const FieldDescriptor& field, std::string_view json) {
  json_reader reader(json);
  reader.field(message, field);
  return reader.end();
}

status set_element_from_json(Message& message, const FieldDescriptor& field,
                             std::string_view json) {
  json_reader reader(json);
  reader.element(message, field);
  return reader.end();
}

}  // namespace perdure::views
