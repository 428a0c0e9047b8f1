#pragma once

#include <cstddef>
#include <vector>

#include "persistence/mail.hpp"
#include "persistence/step_store.hpp"

// The port of a step store that has no mailboxes: what its steps send and publish, and the timers
// they set, wait in an outbox, one per shard, until they have been relayed to the topic_store of
// the process.
// A step's `handled` is remembered with its entity (history::handled), its `outcome` under the
// command's id.
//
// Adapter: redis_step_store. Threads and codes as for the reading verbs of step_store.

namespace perdure::persistence {

struct outbox_entry {
  outbox_offset offset{};
  entity_key entity;  // who has sent it
  hybrid_time time;
  mail_effects effects;  // mail, timers and messages
};

class outbox_store : public step_store {
 public:
  // The entries of a shard behind `after`, in their order, at most about `bytes_max` but at least
  // one if there is one.
  virtual result<std::vector<outbox_entry>> read_outbox(shard_id shard, outbox_offset after,
                                                        std::size_t bytes_max) = 0;

  // Drops the entries up to `last`, and sees to it that later ones come behind it: a store that has
  // lost what it had acknowledged must not give the same places again.
  virtual status trim_outbox(shard_id shard, outbox_offset last) = 0;

  // The outcome that a step has recorded for a command; nullopt when it is unknown or longer ago
  // than the retention of idempotency records.
  virtual result<std::optional<command_outcome>> find_outcome(const entity_key& target,
                                                              const std::string& command_id) = 0;
};

}  // namespace perdure::persistence
