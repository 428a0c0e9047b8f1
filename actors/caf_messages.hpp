#pragma once

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
using history_ptr = std::shared_ptr<result<persistence::history>>;

// Nothing of the entity is in flight any more; it may read its history.
struct commits_settled {};

}  // namespace perdure::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::command_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::history_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::commits_settled)
