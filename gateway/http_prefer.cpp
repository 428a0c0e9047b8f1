// The header Prefer, by the grammar of RFC 7240:
//
//   Prefer     = preference *( "," preference )
//   preference = token [ "=" word ] *( ";" [ token [ "=" word ] ] )
//   word       = token / quoted string

#include "gateway/http_prefer.hpp"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include <string_view>

namespace perdure::gateway {
namespace {

// What stands before the next `stop`, or all. Both are taken off `text`. A `stop` inside of quotes
// is text.
std::string_view take_until(char stop, std::string_view& text) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size() && (quoted || text[at] != stop); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    }
  }
  auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

std::string_view trimmed(std::string_view text) {
  auto stripped = absl::StripAsciiWhitespace({text.data(), text.size()});
  return {stripped.data(), stripped.size()};
}

bool is_respond_async(std::string_view preference) {
  auto named = take_until(';', preference);
  auto name = trimmed(take_until('=', named));
  auto value = trimmed(named);
  // It has no value, and an empty one is none.
  return absl::EqualsIgnoreCase({name.data(), name.size()}, "respond-async") &&
         (value.empty() || value == "\"\"");
}

}  // namespace

bool prefers_respond_async(const perdure::metadata& headers) {
  auto [first, last] = headers.equal_range("prefer");
  for (; first != last; ++first) {
    std::string_view preferences = first->second;
    while (!preferences.empty()) {
      if (is_respond_async(take_until(',', preferences))) return true;
    }
  }
  return false;
}

}  // namespace perdure::gateway
