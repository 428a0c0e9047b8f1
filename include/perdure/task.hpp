#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "perdure/call.hpp"
#include "perdure/status.hpp"

/// Coroutines in which the handlers of actions are written. A handler waits for others without
/// holding a thread:
///
///     auto account = co_await accounts_calls::get_account(request);  // result<Account>
///     if (!account.ok()) co_return effects().reject(account.error());
///     co_return effects().reply(text_of(*account));
///
/// What may be awaited: a call, a list of calls (all at a time), a `task` of one's own, the next
/// request of a stream, `pause_for(...)`. Nothing else compiles.
///
/// References that a handler is given stay valid until its coroutine has ended. A coroutine goes on
/// where the others of its instance do: never two of them at a time.
namespace perdure {

/// For the runtime: what it does for handlers. Each function tells once, later than it returns,
/// where the handlers of the instance run, and never after the coroutine that asked was destroyed.
class action_runtime {
 public:
  virtual ~action_runtime() = default;

  using on_reply = std::function<void(result<std::unique_ptr<google::protobuf::Message>>)>;
  virtual void call(const any_call& what, on_reply tell) = 0;
  virtual void pause(std::chrono::milliseconds time, std::function<void()> tell) = 0;
};

/// A pause, to be awaited. It is not durable: a timer is.
struct pause_for {
  std::chrono::milliseconds time;
};

/// For the runtime: the requests that a client streams in. `tell` gets null once there is no more.
class request_source {
 public:
  virtual ~request_source() = default;
  virtual void next(std::function<void(std::unique_ptr<google::protobuf::Message>)> tell) = 0;
};

/// What `requests::next()` gives, to be awaited.
template <class Request>
struct next_request {
  std::shared_ptr<request_source> from;
};

/// The requests that a client streams in:
///
///     while (auto request = co_await requests.next()) sum += request->value();
template <class Request>
class requests {
 public:
  explicit requests(std::shared_ptr<request_source> from) : from_(std::move(from)) {}

  /// To be awaited: std::optional<Request>, empty once the client has sent all.
  next_request<Request> next() const { return {from_}; }

 private:
  std::shared_ptr<request_source> from_;
};

template <class T>
class task;

namespace detail {

/// Suspends until something tells a `Value`. `Begin` is given the function to tell it.
template <class Value, class Begin>
struct told_value {
  Begin begin;
  std::optional<Value> value = std::nullopt;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    begin([this, waiting](Value told) {
      value.emplace(std::move(told));
      waiting.resume();
    });
  }
  Value await_resume() { return std::move(*value); }
};
template <class Value, class Begin>
told_value<Value, Begin> told(Begin begin) {
  return {std::move(begin)};
}

template <class Reply>
result<Reply> typed_reply(result<std::unique_ptr<google::protobuf::Message>> told) {
  if (!told.ok()) return told.error();
  return Reply(std::move(static_cast<Reply&>(**told)));
}

/// What the coroutines of handlers have in common.
class coroutine_promise {
 public:
  std::suspend_always initial_suspend() const noexcept { return {}; }

  /// Goes on with who awaits this coroutine; the outermost tells that it has ended.
  struct on_end {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      coroutine_promise& self = ended.promise();
      if (self.awaited_by) return self.awaited_by;
      auto tell = std::move(self.ended);  // it may destroy the coroutine
      if (tell) tell();
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  on_end final_suspend() const noexcept { return {}; }

  void unhandled_exception() { thrown = std::current_exception(); }

  template <class Reply>
  auto await_transform(call<Reply> what) {
    return told<result<Reply>>([this, what = std::move(what)](auto tell) {
      runtime->call(what, [tell = std::move(tell)](auto reply) mutable {
        tell(typed_reply<Reply>(std::move(reply)));
      });
    });
  }

  /// All at a time; the replies in the order of the calls.
  template <class Reply>
  auto await_transform(std::vector<call<Reply>> all) {
    using replies_type = std::vector<result<Reply>>;
    return told<replies_type>([this, all = std::move(all)](auto tell) {
      struct gathered {
        std::vector<std::optional<result<Reply>>> replies;
        std::size_t missing;
      };
      auto so_far = std::make_shared<gathered>();
      so_far->replies.resize(all.size());
      so_far->missing = all.size();
      if (all.empty()) {
        return runtime->pause({}, [tell = std::move(tell)]() mutable { tell(replies_type{}); });
      }
      for (std::size_t i = 0; i < all.size(); ++i) {
        runtime->call(all[i], [so_far, i, tell](auto reply) mutable {
          so_far->replies[i] = typed_reply<Reply>(std::move(reply));
          if (--so_far->missing > 0) return;
          replies_type complete;
          for (auto& one : so_far->replies) complete.push_back(*std::move(one));
          tell(std::move(complete));
        });
      }
    });
  }

  auto await_transform(pause_for pause) {
    return told<std::monostate>([this, pause](auto tell) {
      runtime->pause(pause.time, [tell = std::move(tell)]() mutable { tell({}); });
    });
  }

  template <class Request>
  auto await_transform(next_request<Request> next) {
    return told<std::optional<Request>>([next = std::move(next)](auto tell) {
      next.from->next([tell = std::move(tell)](auto message) mutable {
        if (!message) return tell(std::nullopt);
        tell(std::optional<Request>(std::move(static_cast<Request&>(*message))));
      });
    });
  }

  template <class T>
  auto await_transform(task<T> other);

  action_runtime* runtime = nullptr;
  std::coroutine_handle<> awaited_by;
  std::function<void()> ended;
  std::exception_ptr thrown;
};

}  // namespace detail

/// What a handler gives back: a coroutine that ends with a `T`, or simply a `T`.
template <class T>
class [[nodiscard]] task {
 public:
  struct promise_type : detail::coroutine_promise {
    task get_return_object() {
      return task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    template <std::convertible_to<T> Value>
    void return_value(Value&& given) {
      value.emplace(std::forward<Value>(given));
    }
    std::optional<T> value;
  };

  /// For handlers that wait for nothing: `return effects().reply(...);`
  template <class Value>
  requires(std::convertible_to<Value, T> && !std::same_as<std::remove_cvref_t<Value>, task>)
      task(Value&& value)
      : value_(std::forward<Value>(value)) {}

  task(task&& other) noexcept
      : value_(std::exchange(other.value_, std::nullopt)),
        coroutine_(std::exchange(other.coroutine_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(value_, other.value_);
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~task() {
    if (coroutine_) coroutine_.destroy();
  }

  /// For the runtime: runs it until it first waits. `ended` is called once, perhaps before this
  /// returns; value() may be taken then, and the task destroyed.
  void start(action_runtime& runtime, std::function<void()> ended) {
    if (!coroutine_) return ended();
    coroutine_.promise().runtime = &runtime;
    coroutine_.promise().ended = std::move(ended);
    coroutine_.resume();
  }

  /// Whether it has its value without a coroutine.
  bool is_ready() const { return !coroutine_; }

  /// Once it has ended; throws what the coroutine threw.
  T value() && {
    if (!coroutine_) return take(value_, "a task was awaited that has been moved away");
    auto& promise = coroutine_.promise();
    if (promise.thrown) std::rethrow_exception(promise.thrown);
    return take(promise.value, "a handler has ended without co_return");
  }

 private:
  friend detail::coroutine_promise;

  explicit task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

  static T take(std::optional<T>& from, const char* mistake) {
    if (!from) throw std::logic_error(mistake);
    return *std::exchange(from, std::nullopt);
  }

  std::optional<T> value_;  // without a coroutine
  std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {

template <class T>
auto coroutine_promise::await_transform(task<T> other) {
  struct awaited_task {
    task<T> other;
    action_runtime* runtime;

    bool await_ready() const noexcept { return other.is_ready(); }
    // One that waits for nothing has ended before anybody waits for it: so a loop over many of them
    // needs no more stack than one.
    bool await_suspend(std::coroutine_handle<> waiting) {
      auto& promise = other.coroutine_.promise();
      promise.runtime = runtime;
      other.coroutine_.resume();
      if (other.coroutine_.done()) return false;
      promise.awaited_by = waiting;
      return true;
    }
    T await_resume() { return std::move(other).value(); }
  };
  return awaited_task{std::move(other), runtime};
}

}  // namespace detail
}  // namespace perdure
