#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"

// One request to one entity, on its way from the gateway, and what comes back.

namespace perdure::actors {

struct outcome {
  status result;
  std::string reply;  // the reply's encoded protobuf; empty unless result is ok
};

struct command {
  entity_key target;                                   // a known type, a checked id
  const google::protobuf::MethodDescriptor* method;    // of the service that serves the type
  std::unique_ptr<google::protobuf::Message> request;  // of the method's input type
  std::size_t request_bytes = 0;                       // encoded; what the limits count
  perdure::metadata metadata;                          // the caller's
  std::string idempotency_key;                         // empty: none
  timestamp deadline = timestamp::max();               // past it, it is not begun any more
  std::shared_ptr<const std::atomic<bool>> cancelled;  // true once the caller is gone; may be null

  // Called exactly once, from any thread, once the outcome is durable. Quick, and never throws.
  std::function<void(outcome)> reply;
};

}  // namespace perdure::actors
