#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "perdure/task.hpp"
#include "perdure/testkit_text.hpp"

/// What handlers of actions wait for in a test: for the testkit of actions alone.
namespace perdure::detail {

/// What handlers await in a test: told later than it was asked for, as the runtime does it.
class test_runtime : public action_runtime {
 public:
  /// Nothing, where this stub is not for the call.
  using stub = std::function<std::optional<result<std::unique_ptr<google::protobuf::Message>>>(
      const any_call&)>;

  void call(const any_call& what, on_reply tell) override {
    calls_.push_back(what);
    // What has been told last counts.
    for (auto s = stubs_.rbegin(); s != stubs_.rend(); ++s) {
      if (auto answer = (*s)(what)) {
        auto shared = std::make_shared<decltype(answer)>(std::move(answer));
        return soon([shared, tell = std::move(tell)] { tell(*std::move(*shared)); });
      }
    }
    if (unanswered_.empty()) unanswered_ = text_of(what);
    soon([tell = std::move(tell)] {
      tell(status(status_code::unimplemented, "the test has no answer"));
    });
  }

  void pause(std::chrono::milliseconds, std::function<void()> tell) override {
    soon(std::move(tell));
  }

  void soon(std::function<void()> what) { soon_.push_back(std::move(what)); }

  /// Until nobody waits any more.
  void run() {
    while (!soon_.empty()) {
      auto next = std::move(soon_.front());
      soon_.pop_front();
      next();
    }
  }

  void add(stub one) { stubs_.push_back(std::move(one)); }

  /// The calls since the last time, all of which had an answer; else throws.
  std::vector<any_call> take_calls() {
    if (!unanswered_.empty()) {
      fail("call", "one that answers() has an answer to", std::exchange(unanswered_, {}));
    }
    return std::exchange(calls_, {});
  }

 private:
  std::vector<stub> stubs_;
  std::vector<any_call> calls_;
  std::string unanswered_;
  std::deque<std::function<void()>> soon_;
};

/// The requests that a test streams in.
class test_requests : public request_source {
 public:
  test_requests(test_runtime& runtime,
                std::deque<std::unique_ptr<google::protobuf::Message>> requests)
      : runtime_(runtime), requests_(std::move(requests)) {}

  void next(std::function<void(std::unique_ptr<google::protobuf::Message>)> tell) override {
    runtime_.soon([this, tell = std::move(tell)] {
      std::unique_ptr<google::protobuf::Message> request;
      if (!requests_.empty()) {
        request = std::move(requests_.front());
        requests_.pop_front();
      }
      tell(std::move(request));
    });
  }

 private:
  test_runtime& runtime_;
  std::deque<std::unique_ptr<google::protobuf::Message>> requests_;
};

}  // namespace perdure::detail
