#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "perdure/call.hpp"
#include "perdure/effect.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"
#include "perdure/task.hpp"

/// Actions: components without a state. They answer rpcs of all four shapes, and take in the
/// messages of topics and the changes of entities.
///
///     class alerts : public flights::api::alerts_base {   // generated
///       task<action_effect<LongDelay>> on_completed(const FlightCompleted& event) override {
///         if (event.departure_delay() < 120) return effects().ignore();
///         return effects().reply(delay_of(event));         // published, if the rpc has a topic
///       }
///     };
///
/// Users derive from the class that protoc-gen-perdure writes for their service: one pure virtual
/// function per rpc.
namespace perdure {

/// An effect without its reply's type: what the runtime takes.
struct any_action_effect {
  std::vector<sent_call> sends;
  std::vector<timer_effect> timers;
  /// monostate: there is none. any_call: the call's reply is the reply.
  std::variant<std::monostate, std::unique_ptr<google::protobuf::Message>, any_call> reply;
  perdure::metadata beside;            ///< goes with the reply: into the message that is published
  std::optional<std::string> subject;  ///< of that message; else that of the one that came in
  status rejection;                    ///< ok unless rejected; a rejection carries nothing else

  bool changes_nothing() const { return sends.empty() && timers.empty(); }
};

/// An effect that has no reply. Converts to the effect of any handler.
struct unanswered {
  any_action_effect effect;
};

/// What a handler of an rpc that returns `Reply` decides. Made by `effects()` only.
template <class Reply>
class [[nodiscard]] action_effect {
 public:
  action_effect(rejection refused) {
    erased_.rejection = refused.why.ok() ? status(status_code::unknown, "rejected with code OK")
                                         : std::move(refused.why);
  }
  action_effect(unanswered rest) : erased_(std::move(rest.effect)) {}

  /// Adds metadata to the message that is published. `name` in lower case.
  action_effect with_metadata(std::string name, std::string value) && {
    erased_.beside.emplace(std::move(name), std::move(value));
    return std::move(*this);
  }

  /// Publishes under another subject (the key of the topic) than that of the message that came in.
  action_effect with_subject(std::string subject) && {
    erased_.subject = std::move(subject);
    return std::move(*this);
  }

  /// For the runtime: the effect without its reply's type.
  any_action_effect erase() && { return std::move(erased_); }

 private:
  friend class action_effects;
  explicit action_effect(any_action_effect erased) : erased_(std::move(erased)) {}
  any_action_effect erased_;
};

/// Builds the effects of actions. What it sends and publishes becomes durable before the reply
/// leaves; of a message from a topic or an entity together with the note that it was handled, so
/// that it takes effect once. Each function that adds something comes twice: for a chain, and for
/// a builder that is kept in a variable.
class action_effects {
 public:
  /// Sends a command, durably: it is delivered whatever fails, and takes effect exactly once.
  action_effects& send(any_call what) & {
    erased_.sends.push_back({std::move(what), false});
    return *this;
  }
  action_effects&& send(any_call what) && { return std::move(send(std::move(what))); }

  /// The same, and the reply waits until it has been handled, or rejected.
  action_effects& send_and_wait(any_call what) & {
    erased_.sends.push_back({std::move(what), true});
    return *this;
  }
  action_effects&& send_and_wait(any_call what) && {
    return std::move(send_and_wait(std::move(what)));
  }

  /// Starts the timer `name` of this action's service, as entities do theirs (effect.hpp).
  action_effects& start_timer(std::string name, std::chrono::milliseconds delay, any_call what) & {
    return start_periodic_timer(std::move(name), delay, {}, std::move(what));
  }
  action_effects&& start_timer(std::string name, std::chrono::milliseconds delay,
                               any_call what) && {
    return std::move(start_timer(std::move(name), delay, std::move(what)));
  }
  action_effects& start_periodic_timer(std::string name, std::chrono::milliseconds delay,
                                       std::chrono::milliseconds period, any_call what) & {
    erased_.timers.push_back(
        {std::move(name), timer_effect::start{delay, period, std::move(what)}});
    return *this;
  }
  action_effects&& start_periodic_timer(std::string name, std::chrono::milliseconds delay,
                                        std::chrono::milliseconds period, any_call what) && {
    return std::move(start_periodic_timer(std::move(name), delay, period, std::move(what)));
  }
  action_effects& cancel_timer(std::string name) & {
    erased_.timers.push_back({std::move(name), std::nullopt});
    return *this;
  }
  action_effects&& cancel_timer(std::string name) && {
    return std::move(cancel_timer(std::move(name)));
  }

  /// Answers `reply`; where the rpc has a topic (`eventing.out`), publishes it there.
  template <std::derived_from<google::protobuf::Message> Reply>
  action_effect<Reply> reply(Reply reply) && {
    erased_.reply = std::unique_ptr<google::protobuf::Message>(new Reply(std::move(reply)));
    return action_effect<Reply>(std::move(erased_));
  }

  /// Calls `what`, and its reply is the reply. Where it is rejected, so is this.
  template <class Reply>
  action_effect<Reply> forward(call<Reply> what) && {
    erased_.reply = any_call(std::move(what));
    return action_effect<Reply>(std::move(erased_));
  }

  /// There is nothing to answer or to publish: a caller of a unary rpc gets an empty message, of a
  /// stream nothing.
  unanswered no_reply() && { return {std::move(erased_)}; }

  /// The message is of no interest: the same as no_reply(), for who reads it.
  unanswered ignore() && { return {std::move(erased_)}; }

  /// Refuses: nothing happens. `code` must not be ok, else the client gets UNKNOWN. A message that
  /// came from a topic or an entity is tried again, and parked in the end.
  rejection reject(status_code code, std::string message) && {
    return {status(code, std::move(message))};
  }
  rejection reject(status why) && { return {std::move(why)}; }

 private:
  any_action_effect erased_;
};

/// What a handler gives back whose rpc streams its replies: a coroutine that yields them.
///
///     replies<Number> generate(const Range& range) override {
///       for (auto n = range.first(); n < range.end(); ++n) co_yield number(n);
///     }
///
/// It goes on once what it yielded has left, so a client that reads slowly slows it down. A yielded
/// effect with sends becomes durable first; a rejection ends the stream.
template <class Reply>
class [[nodiscard]] replies;

/// For the runtime: the same without the type.
class any_replies {
 public:
  struct promise_base : detail::coroutine_promise {
    std::optional<any_action_effect> yielded;
    std::function<void()> told;
  };

  any_replies(any_replies&& other) noexcept
      : coroutine_(std::exchange(other.coroutine_, {})), promise_(other.promise_) {}
  any_replies& operator=(any_replies&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~any_replies() {
    if (coroutine_) coroutine_.destroy();
  }

  /// Runs it until it yields, or ends; `tell` is called once, perhaps before this returns. Then
  /// take() may be called, and this again, or it may be destroyed.
  void next(action_runtime& runtime, std::function<void()> tell) {
    promise_->runtime = &runtime;
    promise_->told = std::move(tell);
    promise_->ended = [this] { std::exchange(promise_->told, {})(); };
    coroutine_.resume();
  }

  /// What was yielded; nullopt at the end. Throws what the coroutine threw.
  std::optional<any_action_effect> take() {
    if (promise_->thrown) std::rethrow_exception(promise_->thrown);
    return std::exchange(promise_->yielded, std::nullopt);
  }

 protected:
  template <class Promise>
  explicit any_replies(std::coroutine_handle<Promise> coroutine)
      : coroutine_(coroutine), promise_(&coroutine.promise()) {}

 private:
  std::coroutine_handle<> coroutine_;
  promise_base* promise_;
};

template <class Reply>
class [[nodiscard]] replies : public any_replies {
 public:
  struct promise_type : promise_base {
    /// Suspends until the next is wanted.
    struct on_yield {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> yielding) const {
        auto tell = std::exchange(yielding.promise().told, {});  // it may destroy the coroutine
        tell();
      }
      void await_resume() const noexcept {}
    };

    replies get_return_object() {
      return replies(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    void return_void() const noexcept {}
    on_yield yield_value(action_effect<Reply> effect) {
      this->yielded = std::move(effect).erase();
      return {};
    }
    on_yield yield_value(rejection refused) {
      return yield_value(action_effect<Reply>(std::move(refused)));
    }
    on_yield yield_value(unanswered rest) {
      return yield_value(action_effect<Reply>(std::move(rest)));
    }
    on_yield yield_value(Reply reply) {
      return yield_value(action_effects().reply(std::move(reply)));
    }
  };

 private:
  explicit replies(std::coroutine_handle<promise_type> coroutine) : any_replies(coroutine) {}
};

/// The circumstances of one call of an action.
class action_context {
 public:
  action_context(perdure::metadata metadata, std::string subject, std::string origin,
                 std::uint32_t attempt)
      : metadata_(std::move(metadata)),
        subject_(std::move(subject)),
        origin_(std::move(origin)),
        attempt_(attempt) {}

  /// The call's metadata; of a message those that were published with it, with its CloudEvents
  /// attributes as "ce-id", "ce-type" and so on.
  const perdure::metadata& metadata() const { return metadata_; }

  /// Of a message: whom it is about: the entity's id, the key of the topic. Else empty.
  const std::string& subject() const { return subject_; }

  /// Of a message: where it stands: "topic flights/3@1207". Else empty. Unique to the message.
  const std::string& origin() const { return origin_; }

  /// Of a message: 1, and more when its handler has failed before.
  std::uint32_t attempt() const { return attempt_; }

 private:
  perdure::metadata metadata_;
  std::string subject_;
  std::string origin_;
  std::uint32_t attempt_;
};

/// What an action's rpc is given: one request, or the stream of them.
using action_input =
    std::variant<std::unique_ptr<google::protobuf::Message>, std::shared_ptr<request_source>>;
/// What it gives back: one effect, or the stream of them.
using action_output = std::variant<task<any_action_effect>, any_replies>;

/// One instance of a user's action class. The runtime makes several, each with handlers that run
/// one at a time but take turns while they wait: what members hold may change over a co_await.
class action {
 public:
  action() = default;
  action(const action&) = delete;
  action& operator=(const action&) = delete;
  virtual ~action() = default;

  /// Begins the rpc with this index in the service. `input` outlives what is given back.
  virtual action_output handle(std::size_t method, action_input& input) = 0;

 protected:
  /// The circumstances of the call whose handler is running. Also after a co_await.
  const action_context& context() const {
    if (context_ == nullptr) throw std::logic_error("context() is there only inside a handler");
    return *context_;
  }

  /// Starts an effect.
  action_effects effects() const { return {}; }

 private:
  friend class action_context_scope;
  const action_context* context_ = nullptr;
};

/// For the runtime: what context() answers while this object lives.
class action_context_scope {
 public:
  action_context_scope(action& target, const action_context& circumstances) : target_(target) {
    target_.context_ = &circumstances;
  }
  action_context_scope(const action_context_scope&) = delete;
  action_context_scope& operator=(const action_context_scope&) = delete;
  ~action_context_scope() { target_.context_ = nullptr; }

 private:
  action& target_;
};

namespace detail {

template <class Reply>
task<any_action_effect> erase_later(task<action_effect<Reply>> typed) {
  action_effect<Reply> effect = co_await std::move(typed);
  co_return std::move(effect).erase();
}

}  // namespace detail

/// For generated code: a handler's effect without its type.
template <class Reply>
task<any_action_effect> erase(task<action_effect<Reply>> typed) {
  if (!typed.is_ready()) return detail::erase_later(std::move(typed));
  return std::move(typed).value().erase();
}

/// All that the runtime must know about an action. Written by the generator.
struct action_model {
  const google::protobuf::ServiceDescriptor* service;
  std::function<std::unique_ptr<action>()> create;  ///< a new instance of the user's class
  std::string service_name = {};  ///< of the service that has it; set when it is loaded
};

}  // namespace perdure
