#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "actors/command.hpp"
#include "actors/dispatcher.hpp"
#include "actors/told_positions.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/step.hpp"

// Phase 3 of an entity's life, beside phase 2. Before: actors/entity_ready.cpp. Next:
// persistence/group_commit.cpp, then the gateway.
//
// The steps of one entity that are on their way to the disk, and the replies that wait for them.
// The entity goes on from its uncommitted state meanwhile; nothing that shows that state leaves
// before it is durable. Once a step has failed, nothing more succeeds here: the entity reloads.

namespace perdure::actors {

// Owned by its entity's actor and used only there; replies are called from the committer's thread,
// or at once where nothing is in flight.
class entity_committing {
 public:
  // `others` is told of what steps send, `all_waiting_bytes` sums waiting_bytes() of all entities;
  // what `positions` says goes with each reply that is ok.
  entity_committing(persistence::group_commit& commits, entity_kind kind,
                    entity_positions positions, std::shared_ptr<dispatcher> others,
                    std::shared_ptr<std::atomic<std::size_t>> all_waiting_bytes);

  // Stores the step, then replies, then lets what it sends go on its way. UNAVAILABLE ("unknown
  // outcome") when the step or one before it failed.
  void submit(persistence::step s, outcome answer, reply_to reply);

  // Replies as soon as every step submitted before is durable; UNAVAILABLE when one failed.
  void release(outcome answer, reply_to reply);

  // The reply in flight for this key; null when there is none (it may be stored, then).
  const persistence::recorded_reply* find_reply(const persistence::idempotency_key& key);

  // A step has failed: the entity's state is wrong. Known at the latest when a later reply is.
  bool failed() const;

  // What waits for the disk, steps and replies.
  std::size_t waiting_bytes() const;

  // Forgets a failure: call when everything submitted has settled, before the entity reloads.
  void reset();

 private:
  // Outlives the entity's actor where steps are still in flight.
  struct flight;

  struct keyed_step {
    std::uint64_t number;
    std::string key;
  };

  std::function<void(bool)> teller_of(const persistence::step& s) const;
  void forget_durable_keys();

  persistence::group_commit& commits_;
  const entity_kind kind_;
  const std::shared_ptr<const entity_positions> positions_;
  const std::shared_ptr<dispatcher> others_;
  std::shared_ptr<std::atomic<std::size_t>> all_waiting_bytes_;
  std::shared_ptr<flight> flight_;
  std::uint64_t submitted_ = 0;
  std::list<keyed_step> keyed_;  // in their order; takes no memory while it is empty
  std::unordered_map<std::string, persistence::recorded_reply> replies_;
};

}  // namespace perdure::actors
