#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "persistence/mail.hpp"
#include "persistence/step_store.hpp"

// The port of a step store that has the mailboxes, timers and command records of a process, also
// for entities whose state another store keeps. What steps say of them (mail_effects) takes effect
// in commit(), with the rest of the step.
//
// Adapters: memory_step_store (the executable specification), rocksdb_step_store. Each passes
// test/persistence/mail_store_contract, timers_contract and drop_deleted_contract. Threads and
// codes as for the reading verbs of step_store.

namespace perdure::persistence {

class mail_store : public step_store {
 public:
  // ----------------------------------------------------------------------------------- mailboxes

  // About how many bytes of mail wait for an entity, 0 when none. Answers from memory; a commit
  // shows here before it returns.
  virtual std::size_t mail_bytes(const entity_key& target) const = 0;

  // Every entity that has mail now.
  virtual std::vector<entity_key> entities_with_mail() const = 0;

  // The mail of an entity behind `after`, in the order of its positions, at most about `bytes_max`
  // but at least one if there is one.
  virtual result<std::vector<stored_mail>> read_mail(const entity_key& target, mail_position after,
                                                     std::size_t bytes_max) = 0;

  // -------------------------------------------------------------------------------------- timers

  // The timers that are due at `now`, at most `max`, the one due first in front.
  virtual result<std::vector<stored_timer>> read_due_timers(timestamp now, std::size_t max) = 0;

  // When the next timer is due; nullopt when there is none.
  virtual result<std::optional<timestamp>> next_due() = 0;

  // ------------------------------------------------------------------------------------ commands

  // What is known of a command by its id; nullopt when it is unknown, or ended longer than the
  // retention of idempotency records before `now`.
  virtual result<std::optional<command_record>> find_command(const std::string& command_id,
                                                             timestamp now) = 0;

  // ------------------------------------------------------------------------------------- relaying

  // The last place of another store's outbox that a step has relayed, by shard; 0 when none has.
  virtual result<outbox_offset> relayed(shard_id shard) = 0;

  // ----------------------------------------------------------------------------------- forgetting

  // Takes the content of events of entities that were deleted at `before` or earlier out of the
  // log; their numbers, types and times stay. Some of it, to be called again while it gives more
  // than 0: how many entities were dealt with.
  virtual result<std::size_t> drop_deleted(timestamp before) = 0;
};

}  // namespace perdure::persistence
