#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "actors/action_type.hpp"
#include "actors/entity_directory.hpp"
#include "actors/environment.hpp"
#include "perdure/action.hpp"
#include "persistence/mail.hpp"

// What a handler of an action has decided, in the form in which a step takes it.

namespace perdure::actors {

// Nothing of it has happened.
struct decided_action {
  std::unique_ptr<google::protobuf::Message> reply;  // null: there is none
  std::vector<persistence::new_mail> mail;
  std::vector<std::string> awaited;  // command ids, of `mail`, that the reply waits for
  std::vector<persistence::timer_change> timers;
  std::vector<persistence::new_message> messages;  // the reply, where the rpc publishes it
  std::string positions = {};                      // outcome::positions of the calls that it made

  bool changes_nothing() const { return mail.empty() && timers.empty() && messages.empty(); }
};

// Whose decision it is. All referred to outlive the call.
struct action_author {
  const action_type& type;
  std::size_t method;  // index in the service
  const action_context& context;
  const entity_directory& directory;
  const environment& env;
  const std::string& trace_parent;
  const std::string& identity;  // of the run: a message that is published twice has one id
  const std::string& order;     // what is sent under the same to one action is handled in order
};

// `effect` is no rejection, and forwards nothing: its reply has come by now.
//   INVALID_ARGUMENT     a timer's name or time, a call that names no entity, metadata that are
//   ours FAILED_PRECONDITION  a call that no component of this process serves RESOURCE_EXHAUSTED a
//   message over its bound INTERNAL             a message could not be read back; the detail is in
//   the log
result<decided_action> decide(const action_author& author, any_action_effect effect);

// The metadata that go along with the calls of a handler: those that its service forwards.
perdure::metadata forwarded(const action_type& type, const action_context& context);

}  // namespace perdure::actors
