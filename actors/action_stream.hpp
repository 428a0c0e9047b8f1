#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"

// A call of an action's rpc that streams its requests, its replies or both: between the gateway
// that has the client and the actor that runs the handler. Both sides pull: neither sends what the
// other has not asked for.

namespace perdure::actors {

// A call as it begins.
struct stream_request {
  const google::protobuf::MethodDescriptor* method;    // of an action; one side of it streams
  std::unique_ptr<google::protobuf::Message> request;  // null where the client streams
  perdure::metadata metadata;
  timestamp deadline = timestamp::max();  // past it the handler is ended, DEADLINE_EXCEEDED
};

// The client's side, implemented by a gateway. Called from any thread, one call after the other,
// and never after end(). Quick; may call back into action_stream.
class stream_caller {
 public:
  virtual ~stream_caller() = default;

  // The next request is wanted; answered by received(). Only where the client streams.
  virtual void want_request() = 0;

  // One encoded reply; the next comes after written().
  virtual void reply(std::string encoded) = 0;

  // The call ends; nothing more comes.
  virtual void end(status why) = 0;
};

// The handler's side. Any thread; does nothing once the call has ended.
class action_stream {
 public:
  virtual ~action_stream() = default;

  // The request that was wanted; null: the client has sent all.
  virtual void received(std::unique_ptr<google::protobuf::Message> request) = 0;

  // The last reply has left, or as good as.
  virtual void written() = 0;

  // The client is gone: the handler's coroutine is destroyed where it waits. end() is not called.
  virtual void cancel() = 0;
};

}  // namespace perdure::actors
