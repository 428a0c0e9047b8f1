#pragma once

#include <memory>

#include "actors/command.hpp"
#include "actors/command_waiters.hpp"
#include "actors/entity_directory.hpp"
#include "persistence/mail.hpp"

// What an entity needs of the world around it: the other entities. The entity_router is it.

namespace perdure::actors {

// Any thread.
class dispatcher {
 public:
  virtual ~dispatcher() = default;

  virtual const entity_directory& directory() const = 0;
  virtual command_waiters& waiters() = 0;

  // Takes a command on to the entity it is for now. Its reply is called exactly once. Never runs an
  // entity on this thread.
  virtual void forward(command c) = 0;

  // A step of the entity is durable, and with it what it sends and its timers.
  virtual void committed(entity_kind kind, const entity_key& entity, hybrid_time time,
                         const std::shared_ptr<persistence::mail_effects>& effects) = 0;

  // A step of the entity that sends something or sets timers has failed, and may show after all.
  virtual void failed(entity_kind kind, const entity_key& entity) = 0;

  // Replies with the outcome of a command that went by the mailbox, as soon as it has one.
  virtual void await(const std::string& command_id, timestamp deadline, reply_to reply) = 0;
};

}  // namespace perdure::actors
