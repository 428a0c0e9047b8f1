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

  // A hand-over to another thread costs about as much as this.
  static constexpr duration quick_max = std::chrono::microseconds{100};

  bool is_quick() const { return duration(average_.load(std::memory_order_relaxed)) < quick_max; }

  // A moving average. One command that took long, since its thread had to wait for a processor,
  // does not turn it; a few in a row do. When two threads meet here, one of them may count for
  // nothing.
  void took(duration time) {
    auto before = average_.load(std::memory_order_relaxed);
    auto counted = std::min(time, 10 * quick_max).count();
    average_.store(before + (counted - before) / 32, std::memory_order_relaxed);
  }

 private:
  std::atomic<duration::rep> average_{quick_max.count()};
};

}  // namespace perdure::actors
