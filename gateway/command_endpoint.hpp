#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "actors/command.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "gateway/command_lookup.hpp"
#include "gateway/service_catalog.hpp"
#include "perdure/metadata.hpp"

// Command path: a call, however it came in, becomes a command for an entity. gRPC and HTTP
// share all of it: the key, the idempotency key, the bounds, the deadline, the way it takes. What
// differs between them is only how bytes become a message and an outcome becomes bytes.

namespace perdure::gateway {

// Under which a caller is told the id of its command, as gRPC metadata and as HTTP header.
inline constexpr const char* command_id_header = "perdure-command-id";

// A call as a transport hands it over.
struct received_call {
  const served_method* method;
  std::unique_ptr<google::protobuf::Message> request;
  std::size_t request_bytes = 0;                       // encoded
  perdure::metadata metadata;                          // names in lower case
  timestamp deadline = timestamp::max();               // max(): the caller named none
  std::shared_ptr<const std::atomic<bool>> cancelled;  // may be null
  bool prefers_sending = false;  // the transport's own word for the metadata "perdure-send: true"
};

class command_endpoint {
 public:
  // `submit` is entity_router::submit, `find` entity_router::find_command. `clock` outlives this.
  command_endpoint(std::function<void(actors::command)> submit, find_command find,
                   const clock& clock, const limits& limits);

  // The command that the call is, without a function for its reply. It has a command_id when it
  // goes by the mailbox; the caller is told that before the command is submitted. Of a call of
  // perdure.v1.Commands the target is empty. Any thread.
  //   INVALID_ARGUMENT    an empty, over-long or malformed entity key or idempotency key, or
  //                       another value of perdure-send than "true" and "false"
  //   RESOURCE_EXHAUSTED  a message or metadata over its bound
  result<actors::command> command_of(received_call c) const;

  // Hands on what command_of() gave, with a reply by now. Any thread.
  void submit(actors::command&& c) const;

 private:
  std::function<void(actors::command)> submit_;
  find_command find_;
  const clock& clock_;
  limits limits_;
};

}  // namespace perdure::gateway
