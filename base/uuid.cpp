// UUIDs, drawn or derived. The parts of a derived one go into the hash with their lengths, so that
// ("ab", "c") and ("a", "bc") differ.

#include "base/uuid.hpp"

#include <sys/random.h>
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"

namespace perdure {
namespace {

using uuid_bytes = std::array<unsigned char, 16>;

constexpr std::size_t text_size = 36;

// Where its text has a hyphen.
constexpr bool is_hyphen(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

std::string version_4(uuid_bytes bytes) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // version
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);  // variant
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text(text_size, '-');
  std::size_t at = 0;
  for (auto byte : bytes) {
    if (is_hyphen(at)) ++at;
    text[at++] = hex[byte >> 4];
    text[at++] = hex[byte & 15];
  }
  return text;
}

// Randomness of one thread, fetched for many UUIDs at a time.
class random_bytes {
 public:
  uuid_bytes take() {
    if (used_ == block_.size()) fetch();
    uuid_bytes taken;
    for (auto& byte : taken) byte = block_[used_++];
    return taken;
  }

 private:
  void fetch() {
    std::size_t filled = 0;
    while (filled < block_.size()) {
      auto got = getrandom(block_.data() + filled, block_.size() - filled, 0);
      // Anything but a signal means a system without it, and ids must not repeat.
      PERDURE_CHECK(got > 0 || errno == EINTR);
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    used_ = 0;
  }

  std::array<unsigned char, 256 * sizeof(uuid_bytes)> block_;
  std::size_t used_ = sizeof block_;
};

void append_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
}

}  // namespace

std::string random_uuid() {
  thread_local random_bytes source;
  return version_4(source.take());
}

std::string uuid_of(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (auto part : parts) {
    append_number(joined, part.size());
    joined += part;
  }
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(joined.data(), joined.size()));
  uuid_bytes bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = canonical.digest[i];
  return version_4(bytes);
}

std::optional<std::string> parse_uuid(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  std::string lower;
  for (char c : text) {
    bool right = is_hyphen(lower.size())
                     ? c == '-'
                     : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!right) return std::nullopt;
    lower += static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
  }
  return lower;
}

}  // namespace perdure
