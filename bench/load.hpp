#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>

#include "bench/measured.hpp"

// Loads in a closed loop: a fixed number of requests in flight, each answer starts the next.

namespace perdure::bench {

// How long things are measured. A slice is what one side gets before the other has its turn.
struct timing {
  std::chrono::milliseconds slice{1000};
  int slices = 7;  // of each side
};

class load {
 public:
  virtual ~load() = default;

  // Keeps the load up for `lead_in` and then for `time`, of which it counts the answers, and
  // returns once all requests are answered. Throws std::runtime_error when one failed.
  virtual void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                   measured& into) = 0;
};

// Until the machine has next to nothing to do, but not for longer than `patience`: what one side
// has left to be done in the background is not to be done in the other's turn.
void await_quiet(std::chrono::milliseconds patience);

// One side of a comparison.
struct side {
  load& driven;
  measured& into;
  double share = 1;  // of the time of a slice
};

// Runs the sides by turns, slice after slice, so that what else the machine does meets all of them;
// before that each once without counting.
void by_turns(std::initializer_list<side> sides, const timing& how);

// What the requests of a closed loop share: whether answers count now, whether to go on, and how
// many are still under way.
class closed_loop {
 public:
  using clock = std::chrono::steady_clock;

  // On the driving thread: lets `in_flight` requests, started by `start`, go on as load::run()
  // says.
  template <class Start>
  void run(std::size_t in_flight, std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into, Start start) {
    begin(in_flight, into);
    start();
    finish(lead_in, time, into);
  }

  // As run(), until `total` requests are answered; nothing is counted. `start` starts the first
  // min(in_flight, total) of them.
  template <class Start>
  void run_total(std::size_t in_flight, std::size_t total, Start start) {
    measured uncounted;
    begin(std::min(in_flight, total), uncounted);
    left_ = static_cast<std::int64_t>(total - std::min(in_flight, total));
    start();
    await_last();
  }

  // For each answer, from any thread: counts it and tells whether to start the next. After `false`
  // the caller touches neither the loop nor what run()'s caller owns.
  bool answered(clock::time_point begun, clock::time_point now);

  // The same for a request that failed; `why` is what run() throws.
  void failed(const std::string& why);

 private:
  void begin(std::size_t in_flight, measured& into);
  void finish(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into);
  void await_last();
  void leave();

  std::atomic<bool> counting_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> left_{0};  // to be started
  std::atomic<std::uint64_t> answers_{0};
  latencies* spent_ = nullptr;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
  std::string failure_;
};

}  // namespace perdure::bench
