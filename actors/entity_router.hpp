#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "actors/command.hpp"
#include "actors/environment.hpp"
#include "perdure/entity.hpp"

namespace caf {
class actor_system;
}

// Command path: finds or spawns the entity's CAF actor, and hides CAF from everyone above.
//
// Brings mail from the durable mailboxes to its entities, too, and fires their timers.
//
// Knows every resident entity: it bounds what waits for each, passivates what has been idle, and
// the one unused for longest when too many are resident. An entity with a command under way is
// never passivated, and a command that arrives meanwhile is never lost.

namespace perdure::actors {

class exchange;

class entity_router {
 public:
  // Serves these types of entity, and begins with the mail and the timers that wait for them. Each
  // type and each service once (checked by service_catalog).
  entity_router(caf::actor_system& system, std::span<const entity_model> models, environment env);

  // Everything submitted must have been answered: drain() first.
  ~entity_router();

  entity_router(const entity_router&) = delete;
  entity_router& operator=(const entity_router&) = delete;

  // Hands the command to its entity, or puts it into the entity's durable mailbox, as its `way`
  // says; its reply is called exactly once. Any thread. May run the
  // entity's handler if that is quick, and the reply: not to be called with a lock held that a
  // reply takes.
  //   OK                   the effect is durable; of one that is sent: it stands in the mailbox
  //   RESOURCE_EXHAUSTED   too much is in flight, for the entity or in all
  //   UNAVAILABLE          the router drains; or the store failed: unknown outcome
  //   DATA_LOSS            the entity's stored history is damaged
  //   INVALID_ARGUMENT     the idempotency key was used with another request
  //   DEADLINE_EXCEEDED, CANCELLED  it was not begun in time; nothing happened. One that goes by
  //   the
  //                        mailbox is handled all the same, once it stands there
  //   INTERNAL             the handler failed; nothing happened
  //   any                  the handler rejected it; nothing happened
  void submit(command c);

  // Tells what became of the command with this id; nullopt when it is unknown, or ended longer ago
  // than idempotency records are kept. Any thread; `reply` is called once, on another.
  //   DATA_LOSS, UNAVAILABLE  as of step_store
  void find_command(std::string command_id,
                    std::function<void(result<std::optional<command_status>>)> reply);

  // Refuses new commands, and waits until all that were accepted are answered; false when some
  // were not within `timeout`.
  bool drain(std::chrono::milliseconds timeout);

  std::size_t resident_entities() const;
  std::size_t in_flight_bytes() const;

 private:
  std::shared_ptr<exchange> exchange_;
};

}  // namespace perdure::actors
