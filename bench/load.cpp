// Closed loops and turns: how long a slice is, when its answers count, and that its last request is
// answered before the other side has its turn.

#include "bench/load.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

namespace perdure::bench {
namespace {

struct processor_time {
  std::uint64_t busy = 0, all = 0;  // ticks of all processors together
};

// proc(5), the first line of /proc/stat: user nice system idle iowait irq softirq steal.
processor_time processor_time_now() {
  std::ifstream stat("/proc/stat");
  std::string cpu;
  stat >> cpu;
  processor_time now;
  for (int column = 0; column < 8; ++column) {
    std::uint64_t ticks = 0;
    stat >> ticks;
    now.all += ticks;
    if (column != 3 && column != 4) now.busy += ticks;
  }
  return now;
}

// The lead-in is until a load that has just begun runs evenly.
void run_slice(const side& s, const timing& how, measured& into) {
  await_quiet(how.slice);
  auto slice = std::chrono::floor<std::chrono::milliseconds>(how.slice * s.share);
  s.driven.run(std::min(std::chrono::milliseconds{100}, slice), slice, into);
}

}  // namespace

void await_quiet(std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds look{50};
  auto before = processor_time_now();
  for (auto waited = look; waited <= patience; waited += look) {
    std::this_thread::sleep_for(look);
    auto now = processor_time_now();
    if (10 * (now.busy - before.busy) <= now.all - before.all) return;
    before = now;
  }
}

void by_turns(std::initializer_list<side> sides, const timing& how) {
  for (const auto& s : sides) {
    measured warm_up;
    run_slice(s, how, warm_up);
  }
  for (int i = 0; i < how.slices; ++i) {
    for (const auto& s : sides) run_slice(s, how, s.into);
  }
}

void closed_loop::begin(std::size_t in_flight, measured& into) {
  counting_ = false;
  stopping_ = false;
  left_ = std::numeric_limits<std::int64_t>::max();
  answers_ = 0;
  spent_ = &into.spent;
  under_way_ = in_flight;
  failure_.clear();
}

void closed_loop::finish(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                         measured& into) {
  auto wait = [this](std::chrono::milliseconds how_long) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, how_long, [this] { return !failure_.empty(); });
  };
  wait(lead_in);
  counting_ = true;
  auto begun = clock::now();
  wait(time);
  counting_ = false;
  auto spent = std::chrono::duration<double>(clock::now() - begun).count();
  auto answers = answers_.load();
  stopping_ = true;
  await_last();
  into.rates.push_back(static_cast<double>(answers) / spent);
}

void closed_loop::await_last() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return under_way_ == 0; });
  if (!failure_.empty()) throw std::runtime_error(failure_);
}

bool closed_loop::answered(clock::time_point begun, clock::time_point now) {
  if (counting_.load(std::memory_order_relaxed)) {
    answers_.fetch_add(1, std::memory_order_relaxed);
    spent_->record(now - begun);
  }
  if (!stopping_.load(std::memory_order_relaxed) &&
      left_.fetch_sub(1, std::memory_order_relaxed) > 0) {
    return true;
  }
  leave();
  return false;
}

void closed_loop::failed(const std::string& why) {
  {
    std::lock_guard lock(mutex_);
    if (failure_.empty()) failure_ = why;
  }
  leave();
}

void closed_loop::leave() {
  // Notified with the mutex held: once it is let go, run() may have returned and this be gone.
  std::lock_guard lock(mutex_);
  --under_way_;
  changed_.notify_all();
}

}  // namespace perdure::bench
