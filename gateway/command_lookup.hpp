#pragma once

#include <functional>
#include <optional>
#include <string>

#include "actors/command.hpp"
#include "perdure/status.hpp"

// perdure.v1.Commands: what became of a command that went by the durable mailbox. A question comes
// in as a call of any other rpc does, and is answered from here instead of by an entity.

namespace perdure::gateway {

// entity_router::find_command.
using find_command =
    std::function<void(std::string command_id,
                       std::function<void(result<std::optional<actors::command_status>>)> found)>;

// Replies to `question`, whose request is a GetCommandRequest, with an encoded Command. Any thread;
// the reply may come on another, from `find`.
//   INVALID_ARGUMENT  the id is no UUID
//   NOT_FOUND         nothing is known of it
//   any               as of `find`
void look_up(actors::command question, const find_command& find);

}  // namespace perdure::gateway
