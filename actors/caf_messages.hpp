#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <caf/allowed_unsafe_message_type.hpp>

#include "actors/command.hpp"
#include "perdure/status.hpp"
#include "persistence/step.hpp"

// The messages actors send each other, and all that depends on the version of CAF about them.
// They never leave the process, so none is serializable.

namespace perdure::actors {

using command_ptr = std::shared_ptr<command>;

// The store has answered a load.
struct loaded_history {
  std::uint64_t generation;  // of the store, from before it was read
  result<persistence::history> read;
};
using loaded_ptr = std::shared_ptr<loaded_history>;

// Every step that the entity had in flight is stored or has failed.
struct commits_settled {};

class handler_run;

// A run of a handler on its way to the actor where it will live.
class arriving_run;
using arriving_ptr = std::shared_ptr<arriving_run>;

// What a run waits for has come; nobody may be there any more.
struct resumption {
  std::weak_ptr<handler_run> run;
  std::function<void()> what;
};
using resumption_ptr = std::shared_ptr<resumption>;

// Runs that are too late are to be ended.
struct look_for_late {};

// It is time to do this.
using alarm_ptr = std::shared_ptr<std::function<void()>>;

}  // namespace perdure::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::command_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::loaded_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::commits_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::arriving_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::resumption_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::look_for_late)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::alarm_ptr)
