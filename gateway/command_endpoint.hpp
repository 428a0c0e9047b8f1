#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "actors/command.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "gateway/service_catalog.hpp"
#include "perdure/metadata.hpp"

// Command path: a call, however it came in, becomes a command for an entity. gRPC and HTTP
// share all of it: the key, the idempotency key, the bounds, the deadline. What differs between
// them is only how bytes become a message and an outcome becomes bytes.

namespace perdure::gateway {

// A call as a transport hands it over.
struct received_call {
  const served_method* method;
  std::unique_ptr<google::protobuf::Message> request;
  std::size_t request_bytes = 0;                       // encoded
  perdure::metadata metadata;                          // names in lower case
  timestamp deadline = timestamp::max();               // max(): the caller named none
  std::shared_ptr<const std::atomic<bool>> cancelled;  // may be null
  std::function<void(actors::outcome)> reply;          // called once, from any thread
};

class command_endpoint {
 public:
  // `submit` is entity_router::submit. `clock` outlives this.
  command_endpoint(std::function<void(actors::command)> submit, const clock& clock,
                   const limits& limits);

  // Any thread. Replies INVALID_ARGUMENT for an empty, over-long or malformed entity key or
  // idempotency key, RESOURCE_EXHAUSTED for a message or metadata over its bound; else what the
  // entity answers.
  void submit(received_call c) const;

 private:
  std::function<void(actors::command)> submit_;
  const clock& clock_;
  limits limits_;
};

}  // namespace perdure::gateway
