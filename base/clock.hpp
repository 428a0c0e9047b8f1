#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>

namespace perdure {

// Wall-clock time, to the millisecond precision that is stored.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// Where the time comes from. Any thread.
class clock {
 public:
  virtual ~clock() = default;
  virtual timestamp now() const = 0;
};

// The machine's clock. May jump, also backwards.
class system_clock final : public clock {
 public:
  timestamp now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

// A clock that stands until it is moved: for tests.
class manual_clock final : public clock {
 public:
  timestamp now() const override { return timestamp{std::chrono::milliseconds{millis_.load()}}; }
  void advance(std::chrono::milliseconds by) { millis_ += by.count(); }

 private:
  std::atomic<std::int64_t> millis_{1'700'000'000'000};
};

// A hybrid logical timestamp (Kulkarni et al., "Logical Physical Clocks", 2014): 48 bits of wall
// clock in milliseconds, 16 bits of counter. It never runs backwards and orders what this process
// did, and says, to within the clocks' error, when.
struct hybrid_time {
  std::uint64_t bits = 0;

  timestamp wall() const {
    return timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(bits >> 16)}};
  }
  friend auto operator<=>(const hybrid_time&, const hybrid_time&) = default;
};

// Gives each caller a later hybrid time than any given before. Any thread.
class hybrid_clock {
 public:
  explicit hybrid_clock(const clock& wall) : wall_(wall) {}

  hybrid_time next() {
    auto physical = static_cast<std::uint64_t>(wall_.now().time_since_epoch().count()) << 16;
    auto last = last_.load();
    std::uint64_t next;
    do {
      next = physical > last ? physical : last + 1;
    } while (!last_.compare_exchange_weak(last, next));
    return {next};
  }

 private:
  const clock& wall_;
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace perdure
