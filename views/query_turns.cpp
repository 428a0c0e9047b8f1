// Before: views/queries.cpp, views/query_stream.cpp.

#include "views/query_turns.hpp"

#include <utility>

namespace perdure::views {
namespace {

status too_many() {
  return {status_code::resource_exhausted,
          "too many queries of this view run and wait: try again later"};
}

status shutting_down() {
  return {status_code::unavailable, "the service is shutting down; retry later"};
}

}  // namespace

query_turns::query_turns(const perdure::clock& clock, std::size_t running_max,
                         std::size_t waiting_max, executor elsewhere)
    : clock_(clock),
      running_max_(running_max),
      waiting_max_(waiting_max),
      elsewhere_(std::move(elsewhere)) {}

query_turns::~query_turns() { stop(); }

void query_turns::take(std::shared_ptr<query_work> work) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    return work->refuse(shutting_down());
  }
  if (running_ == running_max_) {
    if (waiting_.size() < waiting_max_) return waiting_.push_back(std::move(work));
    lock.unlock();
    return work->refuse(too_many());
  }
  ++running_;
  lock.unlock();
  give(std::move(work));
}

void query_turns::give(std::shared_ptr<query_work> work) {
  elsewhere_([this, work = std::move(work)]() mutable {
    // It is gone before the turn ends, and with it what it holds of the view.
    auto last = std::move(work);
    run_one(*last);
    last.reset();
    std::shared_ptr<query_work> next;
    {
      std::lock_guard lock(mutex_);
      if (!waiting_.empty()) {
        next = std::move(waiting_.front());
        waiting_.pop_front();
      } else if (--running_ == 0) {
        ended_.notify_all();
      }
    }
    if (next) give(std::move(next));
  });
}

// What has waited for too long is not begun any more.
void query_turns::run_one(query_work& work) {
  run_budget budget(clock_, work.deadline(), work.cancelled(), &stopping_);
  if (auto why_not = budget.why_not()) return work.refuse(*std::move(why_not));
  work.run(budget);
}

void query_turns::stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  auto refused = std::exchange(waiting_, {});
  lock.unlock();
  for (const auto& work : refused) work->refuse(shutting_down());
  lock.lock();
  ended_.wait(lock, [this] { return running_ == 0; });
}

std::size_t query_turns::running() const {
  std::lock_guard lock(mutex_);
  return running_;
}

}  // namespace perdure::views
