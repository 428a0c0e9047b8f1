#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "pubsub/cloud_event.hpp"
#include "pubsub/message_source.hpp"

// Which rpc takes a message of a source, and the request that the message becomes: the same for
// actions and views.

namespace perdure::pubsub {

struct message_takers {
  struct taker {
    std::size_t method;  // index in the service
    const google::protobuf::MethodDescriptor* descriptor;
    bool ignores;          // takes its messages in without being called
    bool handles_deletes;  // is told that a subject was deleted
  };
  message_source source;
  bool ignores_unknown = false;
  std::vector<taker> all;
};

struct taken_message {
  const message_takers::taker* by = nullptr;  // null: nobody need be told
  std::unique_ptr<google::protobuf::Message> request;
};

// By the message's type, else by its content type (docs/reference/actions.md has the rules). Fields
// that the request has not are left out; of JSON the log says so once. What is wrong with it stays
// wrong, so none of these is worth another try:
//   UNIMPLEMENTED     no rpc takes messages of this type
//   INVALID_ARGUMENT  its payload is not what its type and content type say
result<taken_message> take(const message_takers& takers, const cloud_event& event);

}  // namespace perdure::pubsub
