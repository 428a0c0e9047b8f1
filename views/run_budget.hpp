#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "views/sqlite_connection.hpp"

// For how long a query may run.

namespace perdure::views {

// Used by the thread that runs the query.
class run_budget {
 public:
  // A few steps of SQLite's virtual machine.
  static run_budget quick(int steps) { return run_budget(steps); }

  // Until a deadline, unless somebody wants it to end before. All referred to outlive it;
  // `cancelled` may be null.
  run_budget(const perdure::clock& clock, timestamp deadline, const std::atomic<bool>* cancelled,
             const std::atomic<bool>* stopping);

  // What runs on the connection from now on is asked. The budget outlives that.
  void watch(sqlite_connection& connection);

  bool go_on();

  // Why it may not go on; nullopt: it may, or it was only not quick.
  std::optional<status> why_not() const;

  // It has begun to do what is not quick: it is to begin anew, with time.
  bool was_not_quick() const { return quick_steps_ > 0 && asked_ > 1; }
  bool is_quick() const { return quick_steps_ > 0; }

 private:
  explicit run_budget(int steps) : quick_steps_(steps) {}

  int quick_steps_ = 0;  // 0: it has a deadline
  int asked_ = 0;
  const perdure::clock* clock_ = nullptr;
  timestamp deadline_;
  const std::atomic<bool>* cancelled_ = nullptr;
  const std::atomic<bool>* stopping_ = nullptr;
};

}  // namespace perdure::views
