// Sweeps of expired idempotency records, beside the commits as in a service that has run for days.

#include "test/crash/sweeping_step_store.hpp"

#include <utility>

#include "base/check.hpp"
#include "test/crash/activity.hpp"

namespace perdure::test {
namespace {

constexpr int groups_between_sweeps = 30;
constexpr std::chrono::hours past_retention{25};

hybrid_time earlier(hybrid_time t, std::chrono::milliseconds by) {
  return {t.bits - (static_cast<std::uint64_t>(by.count()) << 16)};
}

}  // namespace

sweeping_step_store::sweeping_step_store(std::unique_ptr<persistence::rocksdb_step_store> inner)
    : forwarding_step_store(std::move(inner)),
      swept_(static_cast<persistence::rocksdb_step_store&>(this->inner())),
      thread_([this] { sweep_until_stopped(); }) {}

sweeping_step_store::~sweeping_step_store() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::vector<status> sweeping_step_store::commit(std::span<const persistence::step> group) {
  std::vector<persistence::step> steps(group.begin(), group.end());
  for (auto& s : steps) {
    if (s.key && s.key->key.starts_with("expired-")) s.time = earlier(s.time, past_retention);
  }
  auto statuses = swept_.commit(steps);
  {
    std::lock_guard lock(mutex_);
    ++groups_;
  }
  wake_.notify_one();
  return statuses;
}

void sweeping_step_store::sweep_until_stopped() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || groups_ >= groups_between_sweeps; });
    if (stopping_) return;
    groups_ = 0;
    lock.unlock();
    // After a failure of the disk it cannot be done for a while.
    auto swept = swept_.drop_expired_replies();
    PERDURE_CHECK(swept.ok() || swept.code() == status_code::unavailable);
    lock.lock();
  }
}

timestamp sweep_clock::now() const {
  if (!dies_.is_opening()) {
    current_activity = activity::sweep;
    dies_.passes(point::sweep);
  }
  return wall_.now() + fast_by_;
}

}  // namespace perdure::test
