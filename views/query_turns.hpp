#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "views/query_work.hpp"

// Where queries run that are not quick: a few at a time, some more wait for their turn, others are
// refused.

namespace perdure::views {

// Any thread.
class query_turns {
 public:
  using executor = std::function<void(std::function<void()>)>;

  // `clock` outlives this. `elsewhere` runs nothing before it returns.
  query_turns(const perdure::clock& clock, std::size_t running_max, std::size_t waiting_max,
              executor elsewhere);
  ~query_turns();  // stop()

  // Runs it, or refuses it: RESOURCE_EXHAUSTED when too many wait, UNAVAILABLE once stopped.
  void take(std::shared_ptr<query_work> work);

  // Refuses what waits, cuts what runs, and waits for that. Not on a thread of the executor.
  void stop();

  const std::atomic<bool>& stopping() const { return stopping_; }
  std::size_t running() const;

 private:
  void give(std::shared_ptr<query_work> work);
  void run_one(query_work& work);

  const perdure::clock& clock_;
  const std::size_t running_max_;
  const std::size_t waiting_max_;
  const executor elsewhere_;
  std::atomic<bool> stopping_{false};

  mutable std::mutex mutex_;  // not held while work is run or refused
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::deque<std::shared_ptr<query_work>> waiting_;
};

}  // namespace perdure::views
