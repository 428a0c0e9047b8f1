#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "actors/action_stream.hpp"
#include "actors/command.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "gateway/service_catalog.hpp"
#include "perdure/metadata.hpp"

// Command path: a call, however it came in, becomes a command for an entity or an action, or a
// stream of an action. gRPC and HTTP share all of it: the key, the idempotency key, the bounds, the
// deadline, the way it takes. What differs between them is only how bytes become a message and an
// outcome becomes bytes.

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

// Where calls go.
struct destinations {
  // Of entities and actions: entity_router::submit.
  std::function<void(actors::command)> submit;
  // Of queries of views and the runtime's own rpcs; the target is empty. Replied to as by `submit`.
  std::function<void(actors::command)> own;
  // Of rpcs that stream. What it gives back is called whatever the caller was told meanwhile.
  std::function<std::shared_ptr<actors::action_stream>(actors::stream_request,
                                                       std::shared_ptr<actors::stream_caller>)>
      open_stream;
};

class command_endpoint {
 public:
  // `clock` outlives this.
  command_endpoint(destinations where, const clock& clock, const limits& limits);

  // The command that the call of a unary rpc is, without a function for its reply. It has a
  // command_id when it goes by the mailbox; the caller is told that before the command is
  // submitted. Of a call of a view's or the runtime's own rpcs the target is empty. Any thread.
  //   INVALID_ARGUMENT    an empty, over-long or malformed entity key or idempotency key, or
  //                       another value of perdure-send than "true" and "false"
  //   RESOURCE_EXHAUSTED  a message or metadata over its bound
  result<actors::command> command_of(received_call c) const;

  // Hands on what command_of() gave, with a reply by now. Any thread.
  void submit(actors::command&& c) const;

  // A place among the streams that are open, kept until it is destroyed: first of all. Any thread.
  //   RESOURCE_EXHAUSTED  there are streams_max
  using stream_place = std::shared_ptr<void>;
  result<stream_place> enter_stream() const;

  // What the call of an rpc that streams is. Its request is null where the client streams. Without
  // a deadline of its own it has none: streams may last. Any thread.
  //   INVALID_ARGUMENT    it is to be sent (perdure-send): a stream has no mailbox
  //   RESOURCE_EXHAUSTED  a message or metadata over its bound
  result<actors::stream_request> stream_of(received_call c) const;

  // Hands on what stream_of() gave. `caller` may be called before this returns. Any thread.
  std::shared_ptr<actors::action_stream> open(actors::stream_request what,
                                              std::shared_ptr<actors::stream_caller> caller) const;

  // Of each message of a stream.
  std::size_t message_bytes_max() const { return limits_.message_bytes_max; }

 private:
  destinations where_;
  const clock& clock_;
  limits limits_;
  std::shared_ptr<std::atomic<std::size_t>> streams_;  // open
};

}  // namespace perdure::gateway
