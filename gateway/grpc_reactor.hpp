#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/generic/async_generic_service.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "gateway/grpc_loop.hpp"
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

class grpc_reactor;

// What is gRPC's of a call: who asks for what, and the way its messages take. Made before the call
// is there, since gRPC fills it in.
struct grpc_stream {
  // The call has ended for gRPC; comes last of all but what is still being read or written.
  struct end_event final : grpc_event {
    void happened(bool ok) override;
    grpc_reactor* reactor = nullptr;
  };

  // Its place in the loop, which it leaves when all the rest is gone.
  struct place {
    explicit place(grpc_loop& on) : loop(on) { loop.enter(); }
    ~place() { loop.leave(); }
    grpc_loop& loop;
  };

  explicit grpc_stream(grpc_loop& on) : in(on) {}

  place in;
  grpc::GenericServerContext context;
  grpc::GenericServerAsyncReaderWriter messages{&context};
  end_event end;
};

// What is done with one call.
//
// It owns itself from begin() until gRPC is done with the call. Whoever else needs it beyond that,
// such as a reply still to come, holds a shared_ptr. The first finish() decides how the call ends;
// what is begun after it does nothing, so that a reply, the caller's cancelling and the server's
// end may come from any thread, in any order. A call whose caller is gone ends at once.
//
// The functions named on_... are called on the call's loop, one after the other.
class grpc_reactor : public std::enable_shared_from_this<grpc_reactor> {
 public:
  virtual ~grpc_reactor() = default;

  // On the call's loop.
  void begin(std::unique_ptr<grpc_stream> stream);

  void finish(const status& why) { finish_first(why); }
  void finish(grpc::ByteBuffer last_message);  // and then OK

  // Goes with the end of the call; before finish(). Nothing once the call has ended.
  void tell_last(const std::string& name, const std::string& value);

 protected:
  virtual void start() = 0;  // first thing after begin()

  virtual void on_read(bool /*ok*/) {}
  virtual void on_written(bool /*ok*/) {}
  virtual void on_told(bool /*ok*/) {}
  virtual void on_cancelled();  // the caller is gone
  virtual void on_done();       // nothing more comes of this call

  void read();                           // one message into incoming(), then on_read
  void write(grpc::ByteBuffer message);  // then on_written; one at a time

  // Initial metadata for the caller, which go ahead of all messages and at once; then on_told. At
  // most once, before the first message.
  void tell(const std::string& name, const std::string& value);

  // The same without any: on_told says whether the call still stood then.
  void tell_nothing();

  grpc::ByteBuffer& incoming() { return incoming_; }

  bool finish_first(const status& why);  // true when this is how the call ends
  bool is_finished() const;

  // Ends a call that has finished and whose caller does not read that.
  void cut();

 private:
  friend grpc_stream::end_event;

  // One of the things that can be under way, each at most once.
  struct operation final : grpc_event {
    operation(grpc_reactor& of, void (grpc_reactor::*then)(bool)) : reactor(of), on_end(then) {}
    void happened(bool ok) override;
    grpc_reactor& reactor;
    void (grpc_reactor::*on_end)(bool);
  };

  void on_finished(bool) {}
  void ended();
  void leave_if_done(bool over);

  // Also taken over gRPC's verbs: after Finish it allows no other.
  mutable std::mutex mutex_;
  bool finished_ = false;
  bool ended_ = false;
  int under_way_ = 0;                    // operations
  std::unique_ptr<grpc_stream> stream_;  // null once nothing more comes
  grpc::ByteBuffer incoming_;
  operation reading_{*this, &grpc_reactor::on_read};
  operation telling_{*this, &grpc_reactor::on_told};
  operation writing_{*this, &grpc_reactor::on_written};
  operation finishing_{*this, &grpc_reactor::on_finished};
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
