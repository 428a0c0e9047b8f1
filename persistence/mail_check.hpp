#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "perdure/status.hpp"
#include "persistence/step.hpp"

// What every adapter with mailboxes makes of a step's mail in the same way: the reasons for which
// such a step is ABORTED, and when a timer is due again.

namespace perdure::persistence {

// The command of a mail takes effect once: whoever comes second has not seen the first.
inline status already_handled(const step& s) {
  return {status_code::aborted, to_string(s.entity) + " has no mail at place " +
                                    std::to_string(value(*s.mail->handled)) +
                                    " any more: it was handled; read its mailbox again"};
}

inline status timer_has_changed(const stored_timer& t) {
  return {status_code::aborted, "timer \"" + t.name + "\" of " + to_string(t.owner) +
                                    " was set anew, has fired or was cancelled; read it again"};
}

// Whether the step may follow `last`, the place that was relayed last of its shard.
inline status check_relayed(const step& s, outbox_offset last) {
  if (value(*s.mail->relayed) == value(last) + 1) return {};
  return {status_code::aborted, "place " + std::to_string(value(last) + 1) +
                                    " of the outbox comes next, but the step relays place " +
                                    std::to_string(value(*s.mail->relayed)) +
                                    "; relay the places in their order"};
}

// Whether what the step has handled must be there still.
inline bool handles_what_stands(const step& s) {
  return s.mail->handled && (s.kind != step_kind::mail_only || s.mail->must_stand);
}

inline const entity_key& owner_of_timers(const step& s) {
  return s.mail->timers_of ? *s.mail->timers_of : s.entity;
}

// A timer within the bounds of what is stored: no time before 1970, no period below 0.
inline timer_change::timer within_bounds(timer_change::timer t) {
  t.due = std::max(t.due, timestamp{});
  t.period = std::max(t.period, std::chrono::milliseconds{});
  return t;
}

// When a periodic timer that fires at `now` is due again: a whole number of periods later, after
// `now`. What it has missed it does not make up for.
inline timestamp due_again(const timer_change::timer& t, timestamp now) {
  auto periods = now < t.due ? 1 : (now - t.due) / t.period + 1;
  if ((timestamp::max() - t.due) / t.period < periods) return timestamp::max();
  return t.due + periods * t.period;
}

}  // namespace perdure::persistence
