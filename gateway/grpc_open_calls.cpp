// Command path, the end of every gRPC call. One thread looks at each call once per timeout instead
// of a timer for each: no call pays for more than a place in a list.

#include "gateway/grpc_open_calls.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace perdure::gateway {
namespace {

using std::chrono::steady_clock;

// steady_clock counts nanoseconds in 64 bits; a longer wait is as good as none.
constexpr std::chrono::milliseconds timeout_max = std::chrono::hours{24 * 365};

}  // namespace

// -- all --------------------------------------------------------------------------------------

open_calls::open_calls(std::chrono::milliseconds timeout)
    : timeout_(std::clamp(timeout, std::chrono::milliseconds{1}, timeout_max)), thread_([this] {
        pthread_setname_np(pthread_self(), "perdure-calls");
        watch();
      }) {}

open_calls::~open_calls() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

bool open_calls::enter(open_call& one, place& where) {
  std::list<entry> made{{&one, steady_clock::now() + timeout_}};
  where = made.begin();
  std::lock_guard lock(mutex_);
  if (!ended_) calls_.splice(calls_.end(), made);
  return !ended_;
}

void open_calls::leave(place where) {
  std::lock_guard lock(mutex_);
  calls_.erase(where);
}

void open_calls::was_cancelled() {
  if (steady_clock::now() >= deadline_.load()) ++unanswered_;
}

void open_calls::end(time_point deadline) {
  deadline_ = deadline;
  std::vector<std::shared_ptr<grpc_reactor>> open;
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    for (const auto& one : calls_) open.push_back(one.call->shared_from_this());
  }
  for (const auto& one : open) static_cast<open_call&>(*one).server_stops();
}

// Needs no waking when a call comes: whatever comes while it sleeps is due after it wakes.
void open_calls::watch() {
  std::vector<std::shared_ptr<grpc_reactor>> due;
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    auto now = steady_clock::now();
    while (!calls_.empty() && calls_.front().due <= now) {
      due.push_back(calls_.front().call->shared_from_this());
      calls_.front().due = now + timeout_;
      calls_.splice(calls_.end(), calls_, calls_.begin());
    }
    auto next = calls_.empty() ? now + timeout_ : calls_.front().due;
    lock.unlock();
    for (const auto& one : due) static_cast<open_call&>(*one).time_is_up();
    due.clear();
    lock.lock();
    stopping_.wait_until(lock, next, [&] { return stopped_; });
  }
}

// -- one --------------------------------------------------------------------------------------

open_call::open_call(open_calls& home, const grpc::GenericServerContext& context)
    : home_(home),
      context_(context),
      own_deadline_(context.deadline() != std::chrono::system_clock::time_point::max()) {}

bool open_call::enter() {
  entered_ = home_.enter(*this, place_);
  if (!entered_) finish(stopping());
  return entered_;
}

void open_call::leave() {
  if (entered_) home_.leave(place_);
}

status open_call::stopping() {
  return {status_code::unavailable, "the server stops; nothing happened, try another or later"};
}

void unary_call::start() {
  if (enter()) read();
}

void unary_call::on_read(bool ok) {
  if (!awaiting_.exchange(false)) return;
  if (ok) return received();
  finish({status_code::invalid_argument, context().method() + " expects one message " + expected() +
                                             ", but the call ended without"});
}

void unary_call::on_cancelled() {
  cancelled_ = true;
  if (finish_first({status_code::cancelled, "the caller is gone"})) was_cancelled();
}

void unary_call::on_done() { leave(); }

// A deadline of its own is gRPC's to keep, but that does not end a wait for a reader who has been
// told one far away: so no answer is kept for much longer than the timeout.
void unary_call::time_is_up() {
  if (!has_deadline()) {
    bool no_message = awaiting_.exchange(false);
    bool ended = finish_first(
        {status_code::deadline_exceeded,
         no_message ? "no message " + expected() + " came within the deadline; nothing happened"
                    : "no outcome within the deadline: the command may still take effect; ask "
                      "again with the same idempotency-key to learn it"});
    if (ended) {
      cancelled_ = true;
    } else {
      cut();
    }
  } else if (is_finished() && std::exchange(overdue_, true)) {
    cut();
  }
}

void unary_call::server_stops() {
  if (awaiting_.exchange(false)) finish(stopping());
}

}  // namespace perdure::gateway
