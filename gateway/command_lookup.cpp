// Beside the command path: the outcome of a command, for who did not wait for it or has lost its
// connection. Before: gateway/command_endpoint.cpp.

#include "gateway/command_lookup.hpp"

#include <utility>

#include "base/uuid.hpp"
#include "perdure/commands.pb.h"

namespace perdure::gateway {
namespace {

status no_uuid(const std::string& id) {
  return {status_code::invalid_argument, "id \"" + id.substr(0, 100) +
                                             "\" is no command's: expected the UUID that came as "
                                             "perdure-command-id, with the answer to the command"};
}

status unknown(const std::string& id) {
  return {status_code::not_found,
          "nothing is known of command " + id +
              ": it was not accepted, or it ended longer ago than outcomes are kept"};
}

v1::Command told(std::string id, actors::command_status&& known) {
  v1::Command answer;
  answer.set_id(std::move(id));
  answer.set_entity_type(std::move(known.target.type));
  answer.set_entity_id(std::move(known.target.id));
  if (known.method) answer.set_method(known.method->full_name());
  answer.set_state(known.done ? v1::Command::DONE : v1::Command::PENDING);
  if (!known.done) return answer;
  const auto& ended = known.ended.result;
  answer.mutable_status()->set_code(static_cast<int>(ended.code()));
  answer.mutable_status()->set_message(ended.message());
  if (ended.ok() && known.method) {
    auto& reply = *answer.mutable_reply();
    reply.set_type_url("type.googleapis.com/" + known.method->output_type()->full_name());
    reply.set_value(std::move(known.ended.reply));
  }
  return answer;
}

}  // namespace

void look_up(actors::command question, const find_command& find) {
  const auto& asked = static_cast<const v1::GetCommandRequest&>(*question.request);
  auto id = parse_uuid(asked.id());
  if (!id) return question.reply({no_uuid(asked.id()), {}});
  find(*id, [id = *id, reply = std::move(question.reply)](
                result<std::optional<actors::command_status>> found) {
    if (!found) return reply({found.error(), {}});
    if (!*found) return reply({unknown(id), {}});
    reply({{}, told(id, std::move(**found)).SerializeAsString()});
  });
}

}  // namespace perdure::gateway
