#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "actors/environment.hpp"
#include "persistence/mail.hpp"

// Fires the timers that are due: each in a step that takes the timer away and puts its command into
// the mailbox of its target, so that it is sent exactly once. Timers are in the store only; what is
// kept here is when to look next.

namespace perdure::actors {

// Any thread.
class timekeeper : public std::enable_shared_from_this<timekeeper> {
 public:
  struct surroundings {
    // The timer's command stands in its mailbox. On the committer's thread.
    std::function<void(const persistence::new_mail&)> arrived;
    // A step with such mail has failed, and may show after all. On the same thread.
    std::function<void()> failed;
    // Calls rang() with this number later.
    std::function<void(std::chrono::milliseconds, std::uint64_t)> set_alarm;
  };

  timekeeper(std::shared_ptr<const environment> env, surroundings around);

  // A step that sets these timers is durable.
  void set(const std::vector<persistence::timer_change>& timers);

  // Fires what is due, and looks again when the next is.
  void look();

  // An alarm of set_alarm. Only the last one that was set counts.
  void rang(std::uint64_t alarm);

  void stop();

 private:
  void read_due();
  void fire(std::vector<persistence::stored_timer> due, timestamp now);
  void fired(const status& done, const persistence::mail_effects& effects);
  void wait_until(timestamp next);
  void drop_deleted();

  const std::shared_ptr<const environment> env_;
  const surroundings around_;

  std::mutex mutex_;
  timestamp next_look_ = timestamp::max();  // when the alarm rings
  std::uint64_t alarm_ = 0;                 // the last one that was set
  timestamp next_drop_{};
  bool is_looking_ = false;  // from reading what is due until all of it is stored
  bool must_look_ = false;   // again and soon: a timer was set meanwhile, or more is to be dropped
  bool has_failed_ = false;
  std::size_t under_way_ = 0;
  bool stopped_ = false;
};

}  // namespace perdure::actors
