#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "actors/command.hpp"
#include "actors/entity_type.hpp"
#include "base/limits.hpp"
#include "perdure/call.hpp"
#include "persistence/mail.hpp"

// The types of entity of a process, and between calls, mail and commands.

namespace perdure::actors {

// Immutable; any thread.
class entity_directory {
 public:
  entity_directory(std::span<const entity_model> models, const limits& bounds);

  // Null when there is no such type.
  std::shared_ptr<const entity_type> find(const std::string& entity_type) const;

  // The mail that a handler's call becomes.
  //   FAILED_PRECONDITION  no component of this process serves its rpc
  //   INVALID_ARGUMENT     its request names no entity, or cannot be read back
  //   RESOURCE_EXHAUSTED   its request is over the bound of a message
  result<persistence::new_mail> address(const any_call& what) const;

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
    std::shared_ptr<const entity_type> type;
    std::vector<const google::protobuf::FieldDescriptor*> key_fields;
    delivery way = delivery::direct;  // of a call
  };

  const limits bounds_;
  std::unordered_map<std::string, std::shared_ptr<const entity_type>> types_;
  std::unordered_map<std::string, served_method> methods_;  // by full name
};

}  // namespace perdure::actors
