#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Fields of messages that are encoded already: what stands behind one another on the wire is one
// message, so that a field is added by its bytes.

namespace perdure::views {

inline void append_varint(std::uint64_t value, std::string& to) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>(value | 0x80));
  to.push_back(static_cast<char>(value));
}

// A field that is a message, or a string.
inline void append_field(int number, std::string_view encoded, std::string& to) {
  constexpr int length_delimited = 2;
  append_varint(static_cast<std::uint64_t>(number) << 3 | length_delimited, to);
  append_varint(encoded.size(), to);
  to += encoded;
}

}  // namespace perdure::views
