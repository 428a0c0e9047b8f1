#pragma once

#include <string>
#include <string_view>

namespace perdure {

// With a to z instead of A to Z; other bytes stay, whatever the locale.
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace perdure
