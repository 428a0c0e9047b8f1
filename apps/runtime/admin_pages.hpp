#pragma once

#include <algorithm>
#include <cstddef>

// How much of what is held back is listed at once.

namespace perdure::runtime {

inline constexpr int held_page_size = 100;
inline constexpr int held_page_size_max = 1'000;
inline constexpr std::size_t held_page_bytes = 1 << 20;  // about; read, and sent

// Of a request's page_size, which is not negative.
inline int held_page_of(int asked) {
  return asked == 0 ? held_page_size : std::min(asked, held_page_size_max);
}

}  // namespace perdure::runtime
