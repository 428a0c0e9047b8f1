#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "gateway/grpc_reactor.hpp"

namespace perdure::gateway {

class open_call;

// The calls of one server. Sees to it that each ends: gRPC itself lets a call without a deadline
// last for ever, be it that its message never comes, that no outcome does, or that its caller does
// not read. Any thread. Outlives its calls.
class open_calls {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  // Each call is looked at once per `timeout`.
  explicit open_calls(std::chrono::milliseconds timeout);
  ~open_calls();

  // The server stops: calls that still await their message, and streams, are ended, UNAVAILABLE,
  // and so are those that come later. Those whose command is under way have until `deadline`.
  void end(time_point deadline);

  // Of those, how many had no outcome by then; complete once the server has stopped.
  std::size_t unanswered() const { return unanswered_; }

 private:
  friend open_call;
  struct entry {
    open_call* call;
    time_point due;
  };
  using place = std::list<entry>::iterator;

  bool enter(open_call& one, place& where);  // false once end() was called
  void leave(place where);
  void was_cancelled();  // a call that had no outcome yet
  void watch();

  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  // All wait equally long, so the order in which they came is the order in which they are due.
  std::list<entry> calls_;
  bool ended_ = false;
  bool stopped_ = false;
  std::atomic<time_point> deadline_{time_point::max()};
  std::atomic<std::size_t> unanswered_{0};
  std::thread thread_;
};

// One of them.
class open_call : public grpc_reactor {
 public:
  // `context` is gRPC's and lives until the call ends.
  open_call(open_calls& home, const grpc::GenericServerContext& context);

 protected:
  // Whether the call is one of them now; else the server stops, and it has been ended. First of
  // all, and leave() last.
  bool enter();
  void leave();

  // The caller is gone before there was an outcome.
  void was_cancelled() { home_.was_cancelled(); }

  // A timeout is over; again and again.
  virtual void time_is_up() = 0;
  virtual void server_stops() = 0;

  // Why it does not go on when the server stops.
  static status stopping();

  const grpc::GenericServerContext& context() const { return context_; }

  // Whether the caller has set one: then gRPC keeps it.
  bool has_deadline() const { return own_deadline_; }

 private:
  friend open_calls;

  open_calls& home_;
  open_calls::place place_;
  bool entered_ = false;
  const grpc::GenericServerContext& context_;
  const bool own_deadline_;
};

// A call that takes one message and gives one answer. Without a deadline of its own it has the
// timeout of open_calls. A class for each kind of call says what is done with the message.
//
//   awaiting the message --on_read--> received() --finish()--> answered --on_done--> gone
class unary_call : public open_call {
 public:
  using open_call::open_call;

 protected:
  void start() final;
  void on_read(bool ok) final;
  void on_cancelled() final;
  void on_done() final;

  // The message is in incoming(). Nobody else has ended the call by then.
  virtual void received() = 0;

  // What the message is, for the caller who did not send one: "cart.api.AddItemRequest".
  virtual std::string expected() const = 0;

  // Set once nobody waits for the outcome any more.
  const std::atomic<bool>& cancelled() const { return cancelled_; }

 private:
  void time_is_up() final;
  void server_stops() final;

  bool overdue_ = false;              // its answer was unread at the last look
  std::atomic<bool> awaiting_{true};  // its message; who makes it false decides how it goes on
  std::atomic<bool> cancelled_{false};
};

}  // namespace perdure::gateway
