#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/action_type.hpp"
#include "actors/command.hpp"
#include "actors/entity_type.hpp"
#include "base/limits.hpp"
#include "perdure/call.hpp"
#include "persistence/mail.hpp"

// The types of entity of a process and its actions, and between calls, mail and commands.

namespace perdure::actors {

// Immutable; any thread.
class entity_directory {
 public:
  entity_directory(std::span<const entity_model> models, const limits& bounds,
                   std::span<const action_model> actions = {});

  // Null when there is no such type.
  std::shared_ptr<const entity_type> find(const std::string& entity_type) const;

  // All of them.
  const std::vector<std::shared_ptr<const action_type>>& actions() const { return actions_; }

  // The mail that a handler's call becomes. `sender`: the id of who has the handler; what it sends
  // to an action is handled in order.
  //   FAILED_PRECONDITION  no component of this process serves its rpc, or it streams
  //   INVALID_ARGUMENT     its request names no entity, or cannot be read back
  //   RESOURCE_EXHAUSTED   its request is over the bound of a message
  result<persistence::new_mail> address(const any_call& what, const std::string& sender = {}) const;

  // The command that a call or an entry of a mailbox stands for, without anybody to reply to, and
  // the way that its rpc takes.
  //   FAILED_PRECONDITION  no component of this process serves its rpc
  //   DATA_LOSS            its request cannot be read
  result<command> read(const persistence::new_mail& mail) const;

  // The rpc of this full name; null when no component of this process serves it.
  const google::protobuf::MethodDescriptor* find_method(const std::string& full_name) const;

 private:
  struct served_method {
    const google::protobuf::MethodDescriptor* method;
    std::string target_type;                    // of its entity, or of its action's mailboxes
    std::shared_ptr<const action_type> action;  // null: it is an entity's
    std::vector<const google::protobuf::FieldDescriptor*> key_fields;
    delivery way = delivery::direct;  // of a call
  };

  void add(const entity_model& model);
  void add(const action_model& model);
  result<std::string> target_id(const served_method& of, const any_call& what,
                                const std::string& sender) const;

  const limits bounds_;
  std::unordered_map<std::string, std::shared_ptr<const entity_type>> types_;
  std::vector<std::shared_ptr<const action_type>> actions_;
  std::unordered_map<std::string, served_method> methods_;  // by full name
};

}  // namespace perdure::actors
