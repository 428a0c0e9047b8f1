#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"
#include "persistence/topic.hpp"

// What steps set off beside their own entity's state: commands for other entities, in their
// mailboxes or, by a timer, later. Values only.
//
//    step of the sender                                            step of the target
//      mail    ------------> mailbox of the target, in order ---->   handled
//      timers  --> timers, when one is due: a step's `fired` --^     outcome -> command record

namespace perdure::persistence {

// A command on its way to an entity: what a mailbox holds.
struct new_mail {
  entity_key target;
  std::string method;   // full name of the rpc: "bank.api.Accounts.Deposit"
  std::string payload;  // the request's encoded protobuf
  perdure::metadata metadata;
  std::string idempotency_key;  // of the client that sent it; empty: none
  // Under which its outcome is recorded, for who sent it to ask for; empty: nobody asks.
  std::string command_id;
  std::uint32_t hops = 0;  // how often it has been forwarded

  // Where the store has put it; set by step_store::commit() of a store with mailboxes.
  mail_position position{};

  friend bool operator==(const new_mail&, const new_mail&) = default;
};

// One entry of a mailbox, as read back.
struct stored_mail {
  new_mail mail;
  hybrid_time time;  // of the step that sent it

  friend bool operator==(const stored_mail&, const stored_mail&) = default;
};

// A timer of an entity is set, instead of one of that name if there is one; or it is cancelled.
struct timer_change {
  struct timer {
    timestamp due;
    std::chrono::milliseconds period{};  // 0: it fires once
    new_mail what;

    friend bool operator==(const timer&, const timer&) = default;
  };
  std::string name;
  std::optional<timer> set;  // unset: it is cancelled

  friend bool operator==(const timer_change&, const timer_change&) = default;
};

// A timer, as read back.
struct stored_timer {
  entity_key owner;
  std::string name;
  std::uint64_t version = 0;  // another one whenever it is set
  timer_change::timer timer;

  friend bool operator==(const stored_timer&, const stored_timer&) = default;
};

// How a command that came by mail has ended.
struct command_outcome {
  std::string command_id;
  status result;
  std::string reply;  // encoded protobuf; empty unless `result` is ok

  friend bool operator==(const command_outcome&, const command_outcome&) = default;
};

// All of that of one step. What it sends and what it has handled stand or fall with the step.
struct mail_effects {
  std::vector<new_mail> mail;        // in the order in which it is sent
  std::vector<timer_change> timers;  // of the step's entity
  // Whose they are instead: an action has several mailboxes, and all its timers in one place.
  std::optional<entity_key> timers_of;
  // Of its mailbox: the entry whose command this step is for. ABORTED when it is not there any
  // more; for a step of kind mail_only that is as good as removing it, unless `must_stand`.
  std::optional<mail_position> handled;
  bool must_stand = false;
  std::optional<command_outcome> outcome;

  // Of steps of kind mail_only.
  //
  // A timer that is due: its command goes to its target's mailbox, where commit() notes the
  // position as of any mail, and the timer ends, or becomes due again a whole number of periods
  // later, after `now`. ABORTED when the timer has another version or is gone.
  struct fired_timer {
    stored_timer timer;
    timestamp now;
  };
  std::optional<fired_timer> fired;
  // What stands at this place of another store's outbox: mail, timers and messages of this step's
  // entity.
  // Nothing happens, and it is OK, when it is there already; ABORTED when one before it is missing.
  std::optional<outbox_offset> relayed;

  // What it publishes; of a reader's step, how far it got. Messages of a store with an outbox wait
  // there with the mail.
  topic_effects topics;

  // Where the store has put it; set by commit() of a store with an outbox (outbox_store.hpp).
  outbox_offset posted{};
};

// Whether there is something to be passed on: what waits in an outbox, of a store that has one.
inline bool sends_something(const mail_effects& e) {
  return !e.mail.empty() || !e.timers.empty() || !e.topics.messages.empty();
}

// About how many bytes a command in a mailbox takes; what bounds a mailbox.
std::size_t bytes_of(const new_mail& m);
std::size_t bytes_of(const mail_effects& e);

// What is known of a command by its id.
struct command_record {
  entity_key target;
  std::string method;
  hybrid_time time;  // when it was accepted, or when it ended
  bool done = false;
  status result;      // once done
  std::string reply;  // once done: encoded protobuf; empty unless `result` is ok

  friend bool operator==(const command_record&, const command_record&) = default;
};

}  // namespace perdure::persistence
