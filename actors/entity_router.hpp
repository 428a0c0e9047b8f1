#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/action_stream.hpp"
#include "actors/command.hpp"
#include "actors/environment.hpp"
#include "perdure/action.hpp"
#include "perdure/entity.hpp"

namespace caf {
class actor_system;
}
namespace perdure::pubsub {
class subscription;
}

// Command path: finds or spawns the entity's CAF actor, or an action's, and hides CAF from everyone
// above.
//
// Brings mail from the durable mailboxes to entities and actions, too, and fires their timers.
//
// Knows every resident entity: it bounds what waits for each, passivates what has been idle, and
// the one unused for longest when too many are resident. An entity with a command under way is
// never passivated, and a command that arrives meanwhile is never lost.

namespace perdure::actors {

class action_pool;
class exchange;

class entity_router {
 public:
  // Serves these types of entity and these actions, and begins with the mail and the timers that
  // wait for them, and the rpcs that run at start. Each type and each service once (checked by
  // service_catalog).
  entity_router(caf::actor_system& system, std::span<const entity_model> models, environment env,
                std::span<const action_model> actions = {});

  // Everything submitted must have been answered: drain() first.
  ~entity_router();

  entity_router(const entity_router&) = delete;
  entity_router& operator=(const entity_router&) = delete;

  // Hands the command to its entity or action, or puts it into the durable mailbox, as its `way`
  // says; its reply is called exactly once. Any thread. May run the handler if that is quick, and
  // the reply: not to be called with a lock held that a reply takes.
  //
  // The target of a command for an action is action_type::key(id): what is sent under the same id
  // is handled in order, unless it is no_id.
  //   OK                   the effect is durable; of one that is sent: it stands in the mailbox
  //   RESOURCE_EXHAUSTED   too much is in flight, for the entity or in all
  //   UNAVAILABLE          the router drains; or the store failed: unknown outcome
  //   DATA_LOSS            the entity's stored history is damaged
  //   INVALID_ARGUMENT     the idempotency key was used with another request
  //   DEADLINE_EXCEEDED, CANCELLED  it was not begun in time; nothing happened. One that goes by
  //                        the mailbox is handled all the same, once it stands there. An action's
  //                        handler may have been ended where it waited
  //   INTERNAL             the handler failed; nothing happened
  //   any                  the handler rejected it; nothing happened
  void submit(command c);

  // Begins a call of an action's rpc that streams. Any thread; may end the call at once.
  //   RESOURCE_EXHAUSTED, UNAVAILABLE  as for a command
  //   any                              the handler ended it
  std::shared_ptr<action_stream> open_stream(stream_request what,
                                             std::shared_ptr<stream_caller> caller);

  // All subscriptions of the process' actions; none where env.topics is not set.
  std::vector<std::shared_ptr<pubsub::subscription>> subscriptions() const;

  // The actors of the action with this service; null when there is none. Lives as long as this.
  action_pool* pool(const std::string& service) const;

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
