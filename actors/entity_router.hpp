#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "actors/command.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "perdure/entity.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/step_store.hpp"

// Command path: finds or spawns the entity's CAF actor, and hides CAF from everyone above.
//
// Knows every resident entity: it bounds what waits for each, passivates what has been idle, and
// the one unused for longest when too many are resident. An entity with a command under way is
// never passivated, and a command that arrives meanwhile is never lost.

namespace perdure::actors {

class actor_runtime;  // actors/actor_runtime.hpp: the CAF actor system

// Runs a function somewhere else, soon: where entities read their history, so that a slow disk
// holds up no actor.
using executor = std::function<void(std::function<void()>)>;

// What entities live on. All of it outlives the router.
struct environment {
  persistence::step_store& store;
  persistence::group_commit& commits;
  const perdure::clock& clock;
  executor reads;
  perdure::limits limits;
};

class entity_router {
 public:
  // Serves these types of entity. Each type and each service once (checked by service_catalog).
  entity_router(actor_runtime& runtime, std::span<const entity_model> models, environment env);

  // Everything submitted must have been answered: drain() first.
  ~entity_router();

  entity_router(const entity_router&) = delete;
  entity_router& operator=(const entity_router&) = delete;

  // Hands the command to its entity; its reply is called exactly once. Any thread, never blocks.
  //   OK                   the effect is durable
  //   RESOURCE_EXHAUSTED   too much is in flight, for the entity or in all
  //   UNAVAILABLE          the router drains; or the store failed: unknown outcome
  //   DATA_LOSS            the entity's stored history is damaged
  //   INVALID_ARGUMENT     the idempotency key was used with another request
  //   DEADLINE_EXCEEDED, CANCELLED  it was not begun in time; nothing happened
  //   INTERNAL             the handler failed; nothing happened
  //   any                  the handler rejected it; nothing happened
  void submit(command c);

  // Refuses new commands, and waits until all that were accepted are answered; false when some
  // were not within `timeout`.
  bool drain(std::chrono::milliseconds timeout);

  std::size_t resident_entities() const;
  std::size_t in_flight_bytes() const;

 private:
  class registry;
  std::shared_ptr<registry> registry_;
};

}  // namespace perdure::actors
