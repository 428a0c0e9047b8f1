#pragma once

#include <map>
#include <string>
#include <string_view>

/// What travels beside a message.
namespace perdure {

/// gRPC metadata or HTTP headers of a call: names in lower case, each with one or more values.
/// Names with the suffix "-bin" hold raw bytes, all others ASCII text.
using metadata = std::multimap<std::string, std::string, std::less<>>;

/// The first value of `name` (lower case), or empty.
inline std::string_view first_value(const metadata& entries, std::string_view name) {
  auto found = entries.find(name);
  return found == entries.end() ? std::string_view{} : std::string_view{found->second};
}

}  // namespace perdure
