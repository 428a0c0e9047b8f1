#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

// Whether a query is one of those that are quick, by how it was lately.

namespace perdure::views {

// Any thread.
class query_pace {
 public:
  bool may_be_quick(const clock& clock) const {
    if (in_a_row_ < slow_in_a_row) return true;
    return clock.now().time_since_epoch().count() >= slow_until_;
  }

  void was(bool quick, const clock& clock) {
    if (quick) {
      // Mostly it is so already, and all who look at it keep it in their caches.
      if (in_a_row_ != 0) in_a_row_ = 0;
    } else if (++in_a_row_ >= slow_in_a_row) {
      slow_until_ = (clock.now() + pause).time_since_epoch().count();
    }
  }

 private:
  static constexpr std::uint32_t slow_in_a_row = 3;
  static constexpr std::chrono::milliseconds pause = std::chrono::seconds{10};

  std::atomic<std::uint32_t> in_a_row_{0};
  std::atomic<std::int64_t> slow_until_{0};  // milliseconds of the clock
};

}  // namespace perdure::views
