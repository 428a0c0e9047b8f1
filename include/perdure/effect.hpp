#pragma once

#include <google/protobuf/message.h>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "perdure/status.hpp"

/// What a command handler decides. A handler changes nothing itself: it returns an effect, and the
/// runtime makes it true, all of it or nothing.
///
///     return effects().emit(item_added).then_reply(Empty{});
///     return effects().reject(status_code::failed_precondition, "the cart is checked out");
///     return effects().reply(state);
///
/// The reply leaves only when the events are durable. An effect is a plain value: it may be built,
/// looked at in a test, and dropped without consequence.
namespace perdure {

/// An event on its way into the journal: which of the entity's events it is, and its content.
struct emitted_event {
  std::size_t index;  ///< position in `events` of the entity's annotation
  std::unique_ptr<google::protobuf::Message> message;
};

/// Makes a reply from the state that the events lead to.
using reply_function =
    std::function<std::unique_ptr<google::protobuf::Message>(const google::protobuf::Message&)>;

/// An effect without its reply's type: what the runtime takes. Handlers return `effect<Reply>`.
struct any_effect {
  std::vector<emitted_event> events;
  std::variant<std::monostate, std::unique_ptr<google::protobuf::Message>, reply_function> reply;
  status rejection;  ///< ok unless rejected; a rejection carries neither events nor reply
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
  template <class State, class... Events>
  friend class event_sourced_effects;

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

/// Builds the effects of an event sourced entity with state `State` and events `Events...`.
/// Handlers get one from `effects()`; emitting a message that is not an event of the entity does
/// not compile.
template <class State, class... Events>
class event_sourced_effects {
 public:
  /// Adds an event after those emitted before. The state is changed by the event's handler only,
  /// after the command handler has returned.
  template <class Event>
  requires detail::is_one_of<std::remove_cvref_t<Event>, Events...> event_sourced_effects& emit(
      Event&& event) & {
    using event_type = std::remove_cvref_t<Event>;
    erased_.events.push_back({detail::index_of<event_type, Events...>(),
                              std::make_unique<event_type>(std::forward<Event>(event))});
    return *this;
  }

  /// The same in a chain: `return effects().emit(event).then_reply(...)`. In a loop, keep the
  /// builder in a variable, and end with `std::move(builder).then_reply(...)`.
  template <class Event>
  requires detail::is_one_of<std::remove_cvref_t<Event>, Events...> event_sourced_effects &&
      emit(Event&& event) && {
    return std::move(emit(std::forward<Event>(event)));
  }

  /// Ends the effect: once the events are durable, answers `reply`.
  template <std::derived_from<google::protobuf::Message> Reply>
  effect<Reply> then_reply(Reply reply) && {
    erased_.reply = std::unique_ptr<google::protobuf::Message>(new Reply(std::move(reply)));
    return effect<Reply>(std::move(erased_));
  }

  /// Ends the effect: once the events are durable, answers what `make(state)` gives for the state
  /// after them. `make` runs right after the event handlers; what it throws undoes the command.
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

  /// Answers `reply` and changes nothing: a read, or a command that has nothing to do.
  template <std::derived_from<google::protobuf::Message> Reply>
  effect<Reply> reply(Reply reply) && {
    return std::move(*this).then_reply(std::move(reply));
  }

  /// Refuses the command: no events, the state as before. `code` must not be ok, else the client
  /// gets UNKNOWN; `message` is sent to the client.
  rejection reject(status_code code, std::string message) && {
    return {status(code, std::move(message))};
  }

 private:
  any_effect erased_;
};

}  // namespace perdure
