// Streams over gRPC. Before: gateway/grpc_server.cpp. Next: gateway/command_endpoint.cpp.
//
// Between a client and a handler that both pull. On the client's side is one read and one write at
// a time, so nothing gathers here but one reply; on the other a handler, which may speak from any
// thread, also before open() has said who it is.
//
//   awaiting the request --on_read--> open --the handler, the client or the server ends it-->
//   closed

#include "gateway/grpc_stream_call.hpp"

#include <optional>
#include <utility>

#include "gateway/grpc_call.hpp"

namespace perdure::gateway {
namespace {

using google::protobuf::Message;

class grpc_stream_call final : public open_call, public actors::stream_caller {
 public:
  grpc_stream_call(const served_method& method, const command_endpoint& endpoint, open_calls& calls,
                   const unsent_replies& replies, const grpc::GenericServerContext& context)
      : open_call(calls, context), method_(method), endpoint_(endpoint), replies_(replies) {}

  // -- the handler's word ------------------------------------------------------------------------

  void want_request() override { read(); }

  void reply(std::string encoded) override {
    auto held = replies_.hold(std::move(encoded));
    if (!held.ok()) return break_off(nobody_reads());
    {
      std::lock_guard lock(mutex_);
      if (closed_) return;
      writing_ = true;
      ++writes_;
    }
    write(*std::move(held));
  }

  void end(status why) override { close(std::move(why)); }

 private:
  using stream = std::shared_ptr<actors::action_stream>;

  // -- the client's ------------------------------------------------------------------------------

  void start() override {
    if (!enter()) return;
    if (auto room = replies_.check_room(); !room.ok()) return finish(room);
    auto place = endpoint_.enter_stream();
    if (!place.ok()) return finish(place.error());
    place_ = *std::move(place);
    if (!method_.streams_in()) return read();
    awaiting_ = false;
    open(nullptr, 0);
  }

  void on_read(bool ok) override {
    bool is_first = awaiting_.exchange(false);
    if (!ok) return is_first ? finish(no_request()) : on_last_read();
    std::unique_ptr<Message> message(method_.request->New());
    auto parsed = parse(incoming(), *message, endpoint_.message_bytes_max());
    auto bytes = incoming().Length();
    incoming().Clear();
    if (!parsed.ok()) return break_off(parsed);
    if (is_first) return open(std::move(message), bytes);
    if (auto to = handler()) to->received(std::move(message));
  }

  // A client that is gone looks like one that has sent all, and the handler must not take the part
  // for the whole. Before the first reply it can be seen whether the call still stands. Later it
  // cannot: the handler may be told the end, and then that it is cancelled.
  void on_last_read() {
    std::unique_lock lock(mutex_);
    bool has_replied = writes_ > 0;
    lock.unlock();
    if (!has_replied) return tell_nothing();
    on_told(true);
  }

  void on_told(bool ok) override {
    if (!ok) return;  // on_cancelled() comes
    if (auto to = handler()) to->received(nullptr);
  }

  void on_written(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    auto last_word = ending_;
    lock.unlock();
    if (!ok) return;  // on_cancelled() comes
    if (last_word) return finish(*last_word);
    if (auto to = handler()) to->written();
  }

  void on_cancelled() override {
    finish({status_code::cancelled, "the caller is gone"});
    if (auto from = let_go()) from->cancel();
  }

  void on_done() override {
    leave();
    place_.reset();
  }

  // -- the server's ------------------------------------------------------------------------------

  void server_stops() override {
    break_off(awaiting_ ? stopping()
                        : status(status_code::unavailable,
                                 "the server stops: open the stream again, later or elsewhere"));
  }

  // A reader may take its time, but not while others find no room for their replies.
  void time_is_up() override {
    if (!has_deadline() && awaiting_.exchange(false)) {
      return finish({status_code::deadline_exceeded,
                     "no message " + method_.method->input_type()->full_name() +
                         " came within the deadline; nothing happened"});
    }
    if (is_finished()) {
      if (std::exchange(overdue_, true)) cut();
      return;
    }
    std::unique_lock lock(mutex_);
    bool is_stuck = writing_ && std::exchange(looked_at_, writes_) == writes_;
    lock.unlock();
    if (!is_stuck || replies_.check_room().ok()) return;
    finish(nobody_reads());
    if (auto from = let_go()) from->cancel();
  }

  // -- both --------------------------------------------------------------------------------------

  void open(std::unique_ptr<Message> request, std::size_t bytes) {
    auto c = call_of(method_, context());
    c.request = std::move(request);
    c.request_bytes = bytes;
    auto made = endpoint_.stream_of(std::move(c));
    if (!made.ok()) return finish(made.error());
    auto self = std::static_pointer_cast<grpc_stream_call>(shared_from_this());
    auto opened = endpoint_.open(*std::move(made), std::move(self));
    std::unique_lock lock(mutex_);
    if (!closed_) return void(handler_ = std::move(opened));
    lock.unlock();
    opened->cancel();  // nobody could until now
  }

  // Ends it as soon as the reply that is being written has left: a status would overtake it.
  void close(status why) {
    std::unique_lock lock(mutex_);
    closed_ = true;
    handler_.reset();
    if (writing_ && !ending_) ending_ = why;
    bool is_later = writing_;
    lock.unlock();
    if (!is_later) finish(why);
  }

  // Ends it though the handler has not.
  void break_off(const status& why) {
    auto from = let_go();
    close(why);
    if (from) from->cancel();
  }

  stream handler() const {
    std::lock_guard lock(mutex_);
    return handler_;
  }

  // Who gets it is the last to call it.
  stream let_go() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    return std::exchange(handler_, nullptr);
  }

  status no_request() const {
    return {status_code::invalid_argument, context().method() + " expects one message " +
                                               method_.method->input_type()->full_name() +
                                               ", but the call ended without"};
  }

  static status nobody_reads() {
    return {status_code::resource_exhausted,
            "replies that clients do not read fill the memory, and those of this stream are among "
            "them: read faster, or open it again later"};
  }

  const served_method& method_;
  const command_endpoint& endpoint_;
  const unsent_replies replies_;  // a copy: a handler may speak after the server's end
  command_endpoint::stream_place place_;
  std::atomic<bool> awaiting_{true};  // the request that opens it; who makes it false goes on

  // Of the watching thread.
  std::size_t looked_at_ = 0;  // writes_ at the last look
  bool overdue_ = false;       // it had ended by then, and nobody had read that

  mutable std::mutex mutex_;  // not held while anybody is called
  stream handler_;            // null before it is open, and once it is closed
  bool closed_ = false;
  bool writing_ = false;
  std::size_t writes_ = 0;        // begun
  std::optional<status> ending_;  // how it ends once nothing is being written
};

}  // namespace

std::shared_ptr<grpc_reactor> serve_stream(const served_method& method,
                                           const command_endpoint& endpoint, open_calls& calls,
                                           const unsent_replies& replies,
                                           const grpc::GenericServerContext& context) {
  return std::make_shared<grpc_stream_call>(method, endpoint, calls, replies, context);
}

}  // namespace perdure::gateway
