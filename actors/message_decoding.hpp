#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>

#include "actors/subscription_plan.hpp"
#include "perdure/status.hpp"
#include "pubsub/cloud_event.hpp"

// Which rpc of a subscription takes a message, and the request that the message becomes.

namespace perdure::actors {

struct taken_message {
  const subscription_plan::taker* by = nullptr;  // null: nobody need be told
  std::unique_ptr<google::protobuf::Message> request;
};

// By the message's type, else by its content type (docs/reference/actions.md has the rules). What
// is wrong with it stays wrong, so none of these is worth another try:
//   UNIMPLEMENTED     no rpc takes messages of this type
//   INVALID_ARGUMENT  its payload is not what its type and content type say
result<taken_message> take(const subscription_plan& plan, const pubsub::cloud_event& event);

}  // namespace perdure::actors
