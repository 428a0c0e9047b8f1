#pragma once

#include <cstdint>
#include <optional>

#include "actors/command.hpp"
#include "actors/dispatcher.hpp"
#include "actors/entity_committing.hpp"
#include "actors/entity_recovering.hpp"
#include "actors/entity_step.hpp"
#include "actors/entity_type.hpp"
#include "actors/environment.hpp"

// Phase 2 of an entity's life. Before: actors/entity_recovering.cpp. Next:
// actors/entity_committing.cpp; after a failure back to recovering.
//
// An entity that has recovered. Runs the user's handler for one command at a time and turns its
// effect into a step. Never writes to the store: what it decides becomes true when the step is
// durable.

namespace perdure::actors {

class entity_ready {
 public:
  entity_ready(const entity_type& type, const entity_key& key, const environment& env,
               dispatcher& others, recovered_entity recovered, std::uint64_t generation,
               entity_committing& commits);

  // What the entity's actor must do after a command.
  enum class next {
    command,     // go on
    wait,        // too much of this entity waits for the disk; handle the command again after it
    reload,      // the state is lost: a commit or an event handler failed. When the command has
                 // still its reply, it was not begun and must be handled again after the reload
    mail_failed  // mail could not be handled, and stays in the mailbox: nothing may overtake it
  };

  // Handles one command. Its reply is called now or once its step is durable.
  next handle(command& c);

 private:
  // The state is not what is stored: a commit has failed, or one that failed shows after all.
  bool is_stale() const;

  // Why the command is not begun at all, if so.
  std::optional<status> too_late(const command& c) const;

  // The answer to a retry, from the steps in flight or the store; nullopt for a first try.
  std::optional<result<persistence::recorded_reply>> recorded(
      const command& c, const persistence::idempotency_key& key, std::uint64_t fingerprint);
  next answer_again(command& c, const persistence::recorded_reply& recorded);

  // The answer to mail that was handled before, though its mailbox does not know it yet.
  outcome outcome_before(const command& c);

  status decide(const command& c, any_effect& effect);
  status expire(any_effect& effect);
  status run_handler(const command& c, any_effect& effect);

  void begin(const command& c, persistence::step& s) const;
  next forward(command& c, const any_call& what);
  next store(command& c, any_effect effect, persistence::step s);
  status apply(const any_effect& effect, persistence::step& s);
  result<std::string> reply_bytes(const command& c, const any_effect& effect);
  void add_snapshot_if_due(persistence::step& s);
  void submit(command& c, persistence::step s, outcome o, sent_by_step sent = {});

  // The command ends without an effect: the domain says so, or it had nothing to do.
  next end(command& c, outcome o);
  // It could not be handled; perhaps it can later.
  next fail(command& c, status why, bool may_pass = false);

  void answer(command& c, outcome o);

  const entity_type& type_;
  const entity_key& key_;
  const environment& env_;
  dispatcher& others_;
  recovered_entity self_;
  sequence_nr snapshot_tried_;      // or written
  const std::uint64_t generation_;  // of the store, when the entity was loaded
  entity_committing& commits_;
};

}  // namespace perdure::actors
