// Asked by SQLite while a query runs. Used by views/queries.cpp and views/query_stream.cpp.

#include "views/run_budget.hpp"

namespace perdure::views {
namespace {

// Some tenths of a millisecond.
constexpr int steps_between_looks = 10'000;

}  // namespace

run_budget::run_budget(const perdure::clock& clock, timestamp deadline,
                       const std::atomic<bool>* cancelled, const std::atomic<bool>* stopping)
    : clock_(&clock), deadline_(deadline), cancelled_(cancelled), stopping_(stopping) {}

// Where SQLite begins to count in a statement that it has run before, nobody knows: the first time
// it asks may be at once.
void run_budget::watch(sqlite_connection& connection) {
  auto steps = is_quick() ? quick_steps_ : steps_between_looks;
  connection.go_on(steps, [this] { return go_on(); });
}

bool run_budget::go_on() {
  if (is_quick()) return ++asked_ < 2;
  return !why_not();
}

std::optional<status> run_budget::why_not() const {
  if (is_quick()) return std::nullopt;
  if (stopping_ && *stopping_) {
    return status(status_code::unavailable, "the service is shutting down; retry later");
  }
  if (cancelled_ && *cancelled_) {
    return status(status_code::cancelled, "the caller is gone");
  }
  if (clock_->now() >= deadline_) {
    return status(status_code::deadline_exceeded,
                  "the query took longer than its deadline, and was ended");
  }
  return std::nullopt;
}

}  // namespace perdure::views
