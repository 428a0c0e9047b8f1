#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <caf/actor.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include "actors/command.hpp"
#include "actors/dispatcher.hpp"
#include "actors/entity_directory.hpp"
#include "actors/environment.hpp"

// Command path: every resident entity, by key, and those that are idle by since when. Finds or
// spawns the actor of a command, bounds what waits for each, and lets go of what is not used. An
// entity with a command under way is never passivated, and a command that arrives meanwhile is
// never lost.
//
// One mutex: what is done under it is a look-up and a few counters.

namespace perdure::actors {

// Who brings a command.
enum class origin {
  caller,    // somebody outside: refused when too much is in flight, and while the process drains
  handler,   // of an action, which waits for it: part of what was accepted; only the first holds
  accepted,  // nobody may refuse it: it comes by mail, or goes on from an entity
};

// Any thread. Shared with the replies that are still out.
class entity_registry : public std::enable_shared_from_this<entity_registry> {
 public:
  entity_registry(caf::actor_system& system, std::shared_ptr<const environment> env,
                  std::shared_ptr<const entity_directory> directory);

  // What entities are told of the others; before the first command.
  void connect(std::weak_ptr<dispatcher> others) { others_ = std::move(others); }

  // A command of a caller or a handler, for its entity at once: entity_router::submit() of way
  // direct. May run the entity here.
  void submit(command c, origin from);

  // A command that has been accepted already. Not run on this thread.
  void hand_over(command c);

  // A command that goes by the mailbox, or to an action, counts as in flight until its reply.
  //   RESOURCE_EXHAUSTED, UNAVAILABLE  as entity_router::submit(); not of one that was accepted
  status admit(command& c, origin from);

  void passivate_idle();

  // Callers' commands are refused from now on.
  void begin_draining();

  // False when some callers, or some commands at all, were not answered by then.
  using deadline = std::chrono::steady_clock::time_point;
  bool wait_for_callers(deadline end);
  bool wait_for_all(deadline end);

  // Lets go of all entities; nothing is under way.
  void stop();

  std::size_t resident_entities() const;
  std::size_t in_flight_bytes() const;

 private:
  using time_point = caf::actor_clock::time_point;  // steady; virtual under a test coordinator

  struct resident;
  using idle_list = std::list<resident*>;  // the one idle for longest stands last

  struct resident {
    entity_key key;
    const entity_type* type;
    caf::actor actor;
    std::size_t commands = 0;  // under way: such an entity is never passivated
    std::size_t bytes = 0;     // of those
    time_point idle_since;
    idle_list::iterator idle;  // while `commands` is 0
  };

  // All of these under the lock.
  status refusal(origin from, std::size_t bytes) const;
  status refusal(const command& c, origin from, const resident* entity, std::size_t bytes) const;
  resident& spawn(const entity_key& key);
  resident& count(const command& c, std::size_t bytes, resident* known);
  void passivate(resident& entity);

  reply_to answering(resident& entity, std::size_t bytes, bool is_callers, reply_to reply);
  void answered(resident& entity, std::size_t bytes, bool is_callers);
  void admitted_ended(std::size_t bytes, bool is_callers);

  caf::actor_system& system_;
  const std::shared_ptr<const environment> env_;  // shared with the actors, which may end later
  const std::shared_ptr<const entity_directory> directory_;
  const std::shared_ptr<std::atomic<std::size_t>> waiting_bytes_;  // likewise; entity_committing
  std::weak_ptr<dispatcher> others_;

  mutable std::mutex mutex_;
  std::condition_variable all_answered_;
  std::unordered_map<entity_key, resident> residents_;
  idle_list idle_;
  std::size_t in_flight_bytes_ = 0;
  std::size_t in_flight_commands_ = 0;
  std::size_t callers_commands_ = 0;  // of those: somebody outside waits for it
  bool draining_ = false;
};

}  // namespace perdure::actors
