// Timers: from the store to the mailboxes of their targets. Next: actors/mail_delivery.cpp.

#include "actors/timekeeper.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace perdure::actors {
namespace {

// Timers that are fired in one go; more are due at once only after a stop, or by the thousand.
constexpr std::size_t batch = 512;

// So often at least, in case the machine's clock was set.
constexpr std::chrono::milliseconds longest_wait = std::chrono::minutes{1};
constexpr std::chrono::milliseconds pause_after_failure{200};

// How often content of deleted entities that is past its retention is looked for.
constexpr std::chrono::milliseconds drop_every = std::chrono::minutes{5};

}  // namespace

timekeeper::timekeeper(std::shared_ptr<const environment> env, surroundings around)
    : env_(std::move(env)), around_(std::move(around)) {}

void timekeeper::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
}

void timekeeper::set(const std::vector<persistence::timer_change>& timers) {
  auto first = timestamp::max();
  for (const auto& change : timers) {
    if (change.set) first = std::min(first, change.set->due);
  }
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  if (is_looking_) {
    must_look_ = true;
  } else if (first < next_look_) {
    wait_until(first);
  }
}

void timekeeper::wait_until(timestamp next) {
  auto now = env_->clock.now();
  next_look_ = std::clamp(next, now, now + longest_wait);
  around_.set_alarm(next_look_ - now, ++alarm_);
}

void timekeeper::rang(std::uint64_t alarm) {
  {
    std::lock_guard lock(mutex_);
    if (alarm != alarm_) return;
  }
  look();
}

void timekeeper::look() {
  std::lock_guard lock(mutex_);
  if (is_looking_ || stopped_) return;
  is_looking_ = true;
  must_look_ = has_failed_ = false;
  env_->reads([self = shared_from_this()] { self->read_due(); });
}

void timekeeper::read_due() {
  drop_deleted();
  auto now = env_->clock.now();
  auto due = env_->store.read_due_timers(now, batch);
  if (due.ok() && !due->empty()) return fire(*std::move(due), now);

  auto next = due.ok() ? env_->store.next_due() : result<std::optional<timestamp>>(due.error());
  if (!next.ok()) log_error("the timers cannot be read; trying again: " + to_string(next.error()));
  std::lock_guard lock(mutex_);
  is_looking_ = false;
  if (stopped_) return;
  if (!next.ok()) return wait_until(now + pause_after_failure);
  wait_until(must_look_ ? now : next->value_or(timestamp::max()));
}

void timekeeper::fire(std::vector<persistence::stored_timer> due, timestamp now) {
  {
    std::lock_guard lock(mutex_);
    under_way_ = due.size();
  }
  for (auto& timer : due) {
    persistence::step s;
    s.entity = timer.owner;
    s.kind = persistence::step_kind::mail_only;
    s.time = env_->step_times.next();
    s.mail = std::make_shared<persistence::mail_effects>();
    s.mail->fired = {std::move(timer), now};
    auto effects = s.mail;
    env_->commits.submit(std::move(s), [self = shared_from_this(), effects](const status& done) {
      self->fired(done, *effects);
    });
  }
}

// ABORTED: it was cancelled or set anew just now.
void timekeeper::fired(const status& done, const persistence::mail_effects& effects) {
  bool has_failed = !done.ok() && done.code() != status_code::aborted;
  if (done.ok()) around_.arrived(effects.fired->timer.timer.what);
  if (has_failed) around_.failed();
  std::lock_guard lock(mutex_);
  if (has_failed && !std::exchange(has_failed_, true)) {
    log_warning("timers that are due cannot be fired; trying again: " + to_string(done));
  }
  if (--under_way_ > 0) return;
  is_looking_ = false;
  if (!stopped_) {
    wait_until(env_->clock.now() + (has_failed_ ? pause_after_failure : pause_after_failure * 0));
  }
}

// By and by: a part at each look, so that timers are not kept waiting.
void timekeeper::drop_deleted() {
  auto now = env_->clock.now();
  {
    std::lock_guard lock(mutex_);
    if (now < next_drop_) return;
  }
  auto dropped = env_->store.drop_deleted(now - env_->limits.deleted_retention);
  if (!dropped.ok()) {
    log_warning("the content of deleted entities cannot be dropped now: " +
                to_string(dropped.error()));
  }
  std::lock_guard lock(mutex_);
  if (dropped.ok() && *dropped > 0) {
    must_look_ = true;
  } else {
    next_drop_ = now + drop_every;
  }
}

}  // namespace perdure::actors
