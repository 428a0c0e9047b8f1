#pragma once

#include <string>
#include <string_view>

namespace perdure {

// Whether the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view bytes);

// The text itself, or, where it is not UTF-8, with '?' instead of every byte that is not ASCII: for
// what people are shown of bytes that others have written.
std::string readable(std::string text);

}  // namespace perdure
