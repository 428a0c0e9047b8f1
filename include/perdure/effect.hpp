#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "perdure/call.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"

/// What a command handler decides. A handler changes nothing itself: it returns an effect, and the
/// runtime makes it true, all of it or nothing.
///
///     return effects().emit(item_added).then_reply(Empty{});
///     return effects().update(customer).expire_after(24h).then_reply(Empty{});
///     return effects().emit(held).send(accounts_calls::deposit(amount)).then_reply(Empty{});
///     return effects().forward(accounts_calls::get_account(request));
///     return effects().reject(status_code::failed_precondition, "the cart is checked out");
///     return effects().reply(state);
///
/// The reply leaves only when the effect is durable. An effect is a plain value: it may be built,
/// looked at in a test, and dropped without consequence.
namespace perdure {

/// An event on its way into the journal: which of the entity's events it is, and its content.
struct emitted_event {
  std::size_t index;  ///< position in `events` of the entity's annotation
  std::unique_ptr<google::protobuf::Message> message;
  perdure::metadata metadata = {};
};

/// A command for another entity that becomes durable with the effect.
struct sent_call {
  any_call what;
  bool is_awaited = false;  ///< the reply waits until it has been handled
};

/// What becomes of one of the entity's timers.
struct timer_effect {
  struct start {
    std::chrono::milliseconds delay;
    std::chrono::milliseconds period{};  ///< 0: it fires once
    any_call what;
  };
  std::string name;
  std::optional<start> set;  ///< unset: it is cancelled
};

/// Makes a reply from the state that the effect leads to.
using reply_function =
    std::function<std::unique_ptr<google::protobuf::Message>(const google::protobuf::Message&)>;

/// An effect without its reply's type: what the runtime takes. Handlers return `effect<Reply>`.
struct any_effect {
  std::vector<emitted_event> events;                       ///< of an event sourced entity
  std::unique_ptr<google::protobuf::Message> new_state;    ///< of a key-value entity
  std::optional<std::chrono::milliseconds> expires_after;  ///< only with new_state
  bool is_erased = false;                                  ///< after the events
  std::vector<sent_call> sends;
  std::vector<timer_effect> timers;
  /// any_call: the command is forwarded, and answered by the target.
  std::variant<std::monostate, std::unique_ptr<google::protobuf::Message>, reply_function, any_call>
      reply;
  status rejection;  ///< ok unless rejected; a rejection carries nothing else

  /// Whether it only answers.
  bool changes_nothing() const {
    return events.empty() && !new_state && !is_erased && sends.empty() && timers.empty();
  }
};

/// The command is refused. Converts to the effect of any handler.
struct rejection {
  status why;
};

/// What a handler of an rpc that returns `Reply` gives back. Made by `effects()` only, so that
/// every effect has either a reply or a rejection.
template <class Reply>
class [[nodiscard]] effect {
 public:
  effect(rejection refused) {
    erased_.rejection = refused.why.ok() ? status(status_code::unknown, "rejected with code OK")
                                         : std::move(refused.why);
  }

  /// For the runtime: the effect without its reply's type.
  any_effect erase() && { return std::move(erased_); }

 private:
  template <class Self, class State>
  friend class effects_builder;

  explicit effect(any_effect erased) : erased_(std::move(erased)) {}

  any_effect erased_;
};

namespace detail {

template <class T, class... Ts>
inline constexpr bool is_one_of = (std::same_as<T, Ts> || ...);

template <class T, class First, class... Rest>
constexpr std::size_t index_of() {
  if constexpr (std::same_as<T, First>) {
    return 0;
  } else {
    return 1 + index_of<T, Rest...>();
  }
}

}  // namespace detail

/// What the effects of all entities have in common. `Self` is the builder that handlers get from
/// `effects()`. Each function that adds something comes twice: for a chain, and for a builder that
/// is kept in a variable, as in a loop; that one ends with `std::move(builder).then_reply(...)`.
template <class Self, class State>
class effects_builder {
 public:
  /// Sends a command once the effect is durable, and goes on: it is delivered whatever fails, takes
  /// effect exactly once, and after those sent before it by this entity to the same target. Whether
  /// the target rejects it makes no difference here.
  Self& send(any_call what) & {
    erased_.sends.push_back({std::move(what), false});
    return self();
  }
  Self&& send(any_call what) && { return std::move(send(std::move(what))); }

  /// The same, and the reply waits until the target has handled it, or rejected it.
  Self& send_and_wait(any_call what) & {
    erased_.sends.push_back({std::move(what), true});
    return self();
  }
  Self&& send_and_wait(any_call what) && { return std::move(send_and_wait(std::move(what))); }

  /// Starts the entity's timer `name`, instead of the one of that name if there is one: after
  /// `delay`, or as soon as possible after it, `what` is sent. It outlives the process. Once it has
  /// fired, cancelling it no longer takes back what was sent.
  Self& start_timer(std::string name, std::chrono::milliseconds delay, any_call what) & {
    return start_periodic_timer(std::move(name), delay, {}, std::move(what));
  }
  Self&& start_timer(std::string name, std::chrono::milliseconds delay, any_call what) && {
    return std::move(start_timer(std::move(name), delay, std::move(what)));
  }

  /// The same, and then again every `period`, until it is cancelled or started anew. Times that
  /// have passed while nothing ran are left out.
  Self& start_periodic_timer(std::string name, std::chrono::milliseconds delay,
                             std::chrono::milliseconds period, any_call what) & {
    erased_.timers.push_back(
        {std::move(name), timer_effect::start{delay, period, std::move(what)}});
    return self();
  }
  Self&& start_periodic_timer(std::string name, std::chrono::milliseconds delay,
                              std::chrono::milliseconds period, any_call what) && {
    return std::move(start_periodic_timer(std::move(name), delay, period, std::move(what)));
  }

  /// Cancels the entity's timer `name`; nothing happens when there is none.
  Self& cancel_timer(std::string name) & {
    erased_.timers.push_back({std::move(name), std::nullopt});
    return self();
  }
  Self&& cancel_timer(std::string name) && { return std::move(cancel_timer(std::move(name))); }

  /// Ends the effect: once it is durable, answers `reply`.
  template <std::derived_from<google::protobuf::Message> Reply>
  effect<Reply> then_reply(Reply reply) && {
    erased_.reply = std::unique_ptr<google::protobuf::Message>(new Reply(std::move(reply)));
    return effect<Reply>(std::move(erased_));
  }

  /// Ends the effect: once it is durable, answers what `make(state)` gives for the state after it.
  /// `make` runs right after the event handlers; what it throws undoes the command.
  template <std::invocable<const State&> Make>
  auto then_reply(Make make) && -> effect<std::invoke_result_t<Make, const State&>> {
    using reply_type = std::invoke_result_t<Make, const State&>;
    erased_.reply =
        reply_function([make = std::move(make)](const google::protobuf::Message& state) {
          return std::unique_ptr<google::protobuf::Message>(
              new reply_type(make(static_cast<const State&>(state))));
        });
    return effect<reply_type>(std::move(erased_));
  }

  /// Ends the effect: once it is durable, the command goes on as `what`, whose handler answers it.
  template <class Reply>
  effect<Reply> then_forward(call<Reply> what) && {
    erased_.reply = any_call(std::move(what));
    return effect<Reply>(std::move(erased_));
  }

  /// Answers `reply` and changes nothing: a read, or a command that has nothing to do.
  template <std::derived_from<google::protobuf::Message> Reply>
  effect<Reply> reply(Reply reply) && {
    return std::move(*this).then_reply(std::move(reply));
  }

  /// Changes nothing here: the command goes on as `what`, whose handler answers it.
  template <class Reply>
  effect<Reply> forward(call<Reply> what) && {
    return std::move(*this).then_forward(std::move(what));
  }

  /// Refuses the command: nothing happens, the state as before. `code` must not be ok, else the
  /// client gets UNKNOWN; `message` is sent to the client.
  rejection reject(status_code code, std::string message) && {
    return {status(code, std::move(message))};
  }

 protected:
  Self& self() { return static_cast<Self&>(*this); }
  any_effect erased_;
};

/// Builds the effects of an event sourced entity with state `State` and events `Events...`.
/// Emitting a message that is not an event of the entity does not compile.
template <class State, class... Events>
class event_sourced_effects
    : public effects_builder<event_sourced_effects<State, Events...>, State> {
 public:
  /// Adds an event after those emitted before. The state is changed by the event's handler only,
  /// after the command handler has returned. `beside` is stored with the event; its handler and
  /// its subscribers see it.
  template <class Event>
  requires detail::is_one_of<std::remove_cvref_t<Event>, Events...> event_sourced_effects& emit(
      Event&& event, perdure::metadata beside = {}) & {
    using event_type = std::remove_cvref_t<Event>;
    this->erased_.events.push_back({detail::index_of<event_type, Events...>(),
                                    std::make_unique<event_type>(std::forward<Event>(event)),
                                    std::move(beside)});
    return *this;
  }
  template <class Event>
  requires detail::is_one_of<std::remove_cvref_t<Event>, Events...> event_sourced_effects &&
      emit(Event&& event, perdure::metadata beside = {}) && {
    return std::move(emit(std::forward<Event>(event), std::move(beside)));
  }

  /// Deletes the entity, after the events. Its next command finds the empty state, as that of a new
  /// entity; only its sequence number goes on. Its timers stay unless they are cancelled.
  event_sourced_effects& erase() & {
    this->erased_.is_erased = true;
    return *this;
  }
  event_sourced_effects&& erase() && { return std::move(erase()); }
};

/// Builds the effects of a key-value entity with state `State`.
template <class State>
class key_value_effects : public effects_builder<key_value_effects<State>, State> {
 public:
  /// The state becomes `state`. After erase() it takes its place.
  key_value_effects& update(State state) & {
    this->erased_.new_state = std::make_unique<State>(std::move(state));
    this->erased_.is_erased = false;
    return *this;
  }
  key_value_effects&& update(State state) && { return std::move(update(std::move(state))); }

  /// The state that update() gives ends after `time`, as if it were erased then, unless another
  /// update comes before. Without update() the command fails with INTERNAL.
  key_value_effects& expire_after(std::chrono::milliseconds time) & {
    this->erased_.expires_after = time;
    return *this;
  }
  key_value_effects&& expire_after(std::chrono::milliseconds time) && {
    return std::move(expire_after(time));
  }

  /// Deletes the state: the next command finds the empty one. After update() it takes its place.
  key_value_effects& erase() & {
    this->erased_.new_state = nullptr;
    this->erased_.expires_after.reset();
    this->erased_.is_erased = true;
    return *this;
  }
  key_value_effects&& erase() && { return std::move(erase()); }
};

}  // namespace perdure
