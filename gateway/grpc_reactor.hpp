#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/generic/async_generic_service.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "perdure/status.hpp"

// What every call that gRPC hands us has in common: how it lives and ends, and how bytes become
// messages. Pulls in gRPC, so only gateway/grpc_*.cpp include it.

namespace perdure::gateway {

// Reads a message where its bytes are; compressed ones are unpacked first, in `bytes`.
//   RESOURCE_EXHAUSTED  it unpacks to more than `bytes_max`
//   INVALID_ARGUMENT    the bytes are no such message, or hold text that is not UTF-8
status parse(grpc::ByteBuffer& bytes, google::protobuf::Message& message, std::size_t bytes_max);

// The buffer takes the text over; nothing is copied.
grpc::ByteBuffer to_buffer(std::string bytes);

grpc::Status to_grpc(const status& s);

// One call on gRPC's callback API.
//
// It owns itself from begin() until gRPC's OnDone. Whoever else needs it beyond that, such as a
// reply still to come, holds a shared_ptr. The first finish() decides how the call ends; what is
// begun after it does nothing, so that a reply, the caller's cancelling and the server's end may
// come from any thread, in any order. A call whose caller is gone ends at once.
class grpc_reactor : public grpc::ServerGenericBidiReactor,
                     public std::enable_shared_from_this<grpc_reactor> {
 public:
  grpc::ServerGenericBidiReactor* begin();

  void finish(const status& why) { finish_first(why); }
  void finish(grpc::ByteBuffer last_message);  // and then OK

  void OnCancel() override;
  void OnDone() override;

 protected:
  virtual void start() = 0;  // first thing after begin()

  void read();                           // one message into incoming(), then OnReadDone
  void write(grpc::ByteBuffer message);  // then OnWriteDone; one at a time
  grpc::ByteBuffer& incoming() { return incoming_; }

  bool finish_first(const status& why);  // true when this is how the call ends
  bool is_finished() const;

  // Ends a call that has finished and whose caller does not read that. `context` is the call's own.
  void cut(const grpc::GenericCallbackServerContext& context);

 private:
  // Also taken over gRPC's Start... and Finish: after Finish gRPC allows no other.
  mutable std::mutex mutex_;
  bool finished_ = false;
  bool done_ = false;  // OnDone has come: what gRPC lent, the context too, is gone
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;
  std::shared_ptr<grpc_reactor> self_;
};

// Calls that last until their caller has enough: they must be ended before the server can stop.
// Any thread.
class open_streams {
 public:
  // False once end() was called: the stream is to end itself.
  bool enter(const std::shared_ptr<grpc_reactor>& stream);
  void leave(grpc_reactor* stream);

  std::vector<std::shared_ptr<grpc_reactor>> all() const;

  // Lets none in any more; those that are open are the caller's to end.
  std::vector<std::shared_ptr<grpc_reactor>> end();

 private:
  mutable std::mutex mutex_;
  bool ended_ = false;
  std::unordered_set<grpc_reactor*> streams_;
};

}  // namespace perdure::gateway
