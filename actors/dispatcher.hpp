#pragma once

#include <functional>
#include <memory>

#include "actors/command.hpp"
#include "actors/command_waiters.hpp"
#include "actors/entity_directory.hpp"
#include "persistence/mail.hpp"

// What entities and actions need of the world around them: each other. The exchange is it.

namespace perdure::actors {

class action_type;
struct decided_action;

// Any thread.
class dispatcher {
 public:
  virtual ~dispatcher() = default;

  virtual const entity_directory& directory() const = 0;
  virtual command_waiters& waiters() = 0;

  // Takes a command on to the entity or action it is for now. Its reply is called exactly once.
  // Never runs one of them on this thread.
  virtual void forward(command c) = 0;

  // The same for a call that a handler of an action waits for: part of what was accepted before, so
  // it is not refused because the process drains, but when too much is in flight.
  virtual void call(command c) = 0;

  // Makes what a handler of the action has decided durable, if anything is to be, and tells when it
  // is and what the reply awaits has ended. On any thread, perhaps before this returns.
  //   RESOURCE_EXHAUSTED  there is no room for it
  //   UNAVAILABLE         the store failed: unknown outcome
  //   DEADLINE_EXCEEDED   it is durable, but what is awaited had not ended
  virtual void store(const action_type& author, decided_action what, timestamp deadline,
                     std::function<void(status)> tell) = 0;

  // A step of the entity is durable, and with it what it sends and its timers.
  virtual void committed(entity_kind kind, const entity_key& entity, hybrid_time time,
                         const std::shared_ptr<persistence::mail_effects>& effects) = 0;

  // A step of the entity that sends something or sets timers has failed, and may show after all.
  virtual void failed(entity_kind kind, const entity_key& entity) = 0;

  // Replies with the outcome of a command that went by the mailbox, as soon as it has one.
  virtual void await(const std::string& command_id, timestamp deadline, reply_to reply) = 0;
};

}  // namespace perdure::actors
