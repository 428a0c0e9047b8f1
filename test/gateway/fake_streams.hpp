#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "actors/action_stream.hpp"

// Stands where the actions' actors would: keeps the streams that are opened until the test speaks
// for their handlers.

namespace perdure::gateway::testing {

// One stream. What the gateway says of it is written down; what its handler says, the test does.
class fake_stream final : public actors::action_stream {
 public:
  fake_stream(actors::stream_request request, std::shared_ptr<actors::stream_caller> of)
      : opened_with(std::move(request)), caller_(std::move(of)) {}

  // -- what the gateway says
  // -----------------------------------------------------------------------

  void received(std::unique_ptr<google::protobuf::Message> request) override {
    std::lock_guard lock(mutex_);
    received_.push_back(std::move(request));
    changed_.notify_all();
  }
  void written() override {
    std::lock_guard lock(mutex_);
    ++written_;
    changed_.notify_all();
  }
  void cancel() override {
    std::shared_ptr<actors::stream_caller> gone;  // outlives the lock
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    gone = std::move(caller_);
    changed_.notify_all();
  }

  // -- what the handler says; nothing once it was ended or cancelled
  // -------------------------------

  void want_request() {
    if (auto to = caller()) to->want_request();
  }
  void reply(const google::protobuf::Message& message) {
    if (auto to = caller()) to->reply(message.SerializeAsString());
  }
  void end(status why = {}) {
    std::shared_ptr<actors::stream_caller> to;
    {
      std::lock_guard lock(mutex_);
      to = std::move(caller_);
    }
    if (to) to->end(std::move(why));
  }

  // -- what the test waits for
  // ---------------------------------------------------------------------

  // What was wanted; null: there is no more.
  std::unique_ptr<google::protobuf::Message> next() {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(wait(lock, [&] { return !received_.empty(); }));
    auto first = std::move(received_.front());
    received_.pop_front();
    return first;
  }
  bool await_written(std::size_t count) {
    std::unique_lock lock(mutex_);
    return wait(lock, [&] { return written_ >= count; });
  }
  bool await_cancelled() {
    std::unique_lock lock(mutex_);
    return wait(lock, [&] { return cancelled_; });
  }

  std::size_t written_so_far() const {
    std::lock_guard lock(mutex_);
    return written_;
  }
  bool is_cancelled() const {
    std::lock_guard lock(mutex_);
    return cancelled_;
  }
  bool has_received() const {
    std::lock_guard lock(mutex_);
    return !received_.empty();
  }

  const actors::stream_request opened_with;

 private:
  std::shared_ptr<actors::stream_caller> caller() const {
    std::lock_guard lock(mutex_);
    return caller_;
  }
  template <class Condition>
  bool wait(std::unique_lock<std::mutex>& lock, Condition condition) {
    return changed_.wait_for(lock, std::chrono::seconds{60}, condition);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<actors::stream_caller> caller_;  // null once nothing more may be said
  std::deque<std::unique_ptr<google::protobuf::Message>> received_;
  std::size_t written_ = 0;
  bool cancelled_ = false;
};

class fake_streams {
 public:
  // destinations::open_stream.
  std::shared_ptr<actors::action_stream> open(actors::stream_request request,
                                              std::shared_ptr<actors::stream_caller> of) {
    auto made = std::make_shared<fake_stream>(std::move(request), std::move(of));
    std::function<void(fake_stream&)> at_once;
    {
      std::lock_guard lock(mutex_);
      opened_.push_back(made);
      at_once = at_once_;
      changed_.notify_one();
    }
    if (at_once) at_once(*made);
    return made;
  }

  // What a handler does before the gateway knows of it.
  void do_at_once(std::function<void(fake_stream&)> what) {
    std::lock_guard lock(mutex_);
    at_once_ = std::move(what);
  }

  // The next one to be opened.
  std::shared_ptr<fake_stream> next() {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(
        changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return !opened_.empty(); }));
    auto first = std::move(opened_.front());
    opened_.pop_front();
    return first;
  }

  bool is_empty() const {
    std::lock_guard lock(mutex_);
    return opened_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<fake_stream>> opened_;
  std::function<void(fake_stream&)> at_once_;
};

}  // namespace perdure::gateway::testing
