#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

// How long the handlers of one type of entity take, so that slow ones are kept off the gateway's
// threads: those have other calls to read.

namespace perdure::actors {

// Any thread. Learns from every command; what it has not seen yet it takes for slow.
class handler_pace {
 public:
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::steady_clock::time_point;

  // On average. A hand-over to another thread costs about as much as this.
  static constexpr duration quick_max = std::chrono::microseconds{100};

  // A single command that takes so long has waited for something, or should not be where others
  // wait for it; for a thread that merely waits for a processor it is much.
  static constexpr duration held_up_min = std::chrono::milliseconds{20};
  static constexpr duration held_up_lasts = std::chrono::minutes{10};

  bool is_quick(time_point now) const {
    return duration(average_.load(std::memory_order_relaxed)) < quick_max &&
           now.time_since_epoch().count() >= slow_until_.load(std::memory_order_relaxed);
  }

  // One that took a little longer does not turn the average; a few in a row do. When two threads
  // meet here, one of them may count for nothing.
  void took(duration time, time_point now) {
    if (time >= held_up_min) {
      slow_until_.store((now + held_up_lasts).time_since_epoch().count(),
                        std::memory_order_relaxed);
    }
    auto before = average_.load(std::memory_order_relaxed);
    auto counted = std::min(time, 10 * quick_max).count();
    average_.store(before + (counted - before) / 32, std::memory_order_relaxed);
  }

 private:
  std::atomic<duration::rep> average_{quick_max.count()};
  std::atomic<time_point::rep> slow_until_{0};
};

}  // namespace perdure::actors
