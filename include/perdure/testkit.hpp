#pragma once

#include <google/protobuf/message.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "perdure/entity.hpp"
#include "perdure/testkit_text.hpp"

/// Unit tests of an entity's rules, without store, actor or thread:
///
///     testkit<shopping_cart>("cart-1")
///         .given(item_added("apple", 2))
///         .when(checkout())
///         .then_emits(checked_out())
///         .then_sends(orders_calls::place(order("apple", 2)))
///         .then_replies(Empty{});
///
///     testkit<customer>("ann")
///         .given_state(named("Ann"))
///         .when(DeleteRequest{})
///         .then_erases();
///
/// Works in any test framework: an expectation that does not hold throws testkit_failure, whose
/// text says what was expected and what came. What a handler throws passes through.
///
/// What is sent arrives nowhere, and no timer fires: a test of the target gives it the command.
namespace perdure {

/// An event with metadata, for given() and then_emits(): what `emit(event, beside)` emits.
template <class Event>
struct event_with {
  event_with(Event happened, metadata stored_with_it)
      : event(std::move(happened)), beside(std::move(stored_with_it)) {}

  Event event;
  metadata beside;
};

namespace detail {

inline const metadata no_metadata;

template <class Event>
const Event& event_of(const Event& event) {
  return event;
}
template <class Event>
const Event& event_of(const event_with<Event>& event) {
  return event.event;
}

template <class Event>
const metadata& beside(const Event&) {
  return no_metadata;
}
template <class Event>
const metadata& beside(const event_with<Event>& event) {
  return event.beside;
}

template <class Event>
using event_type = std::remove_cvref_t<decltype(event_of(std::declval<const Event&>()))>;

}  // namespace detail

/// One entity of class `Entity`, alive for one test. One thread.
template <std::derived_from<entity> Entity>
class testkit {
 public:
  using state_type = typename Entity::state_type;

  /// Whether the state is replaced whole, and there are no events.
  static constexpr bool is_key_value = std::derived_from<Entity, key_value_entity<state_type>>;

  /// A new entity with this id, in its empty state.
  explicit testkit(std::string entity_id, std::unique_ptr<Entity> subject = nullptr)
      : entity_id_(std::move(entity_id)),
        subject_(subject ? std::move(subject) : std::make_unique<Entity>()) {
    empty();
  }

  // ------------------------------------------------------------------------------- what was before

  /// These events have happened, in this order. Of event sourced entities.
  template <class... Events>
  testkit& given(const Events&... events) {
    static_assert((... && (Entity::events::template count<detail::event_type<Events>> > 0)),
                  "only events of this entity can have happened");
    (apply(Entity::events::template index<detail::event_type<Events>>, detail::event_of(events),
           detail::beside(events)),
     ...);
    return *this;
  }

  /// The last update has left this state. Of key-value entities.
  testkit& given_state(const state_type& state) requires is_key_value {
    state_ = state;
    ++sequence_;
    return *this;
  }

  /// Metadata that the commands that follow are sent with.
  testkit& with_metadata(std::string name, std::string value) {
    metadata_.emplace(std::move(name), std::move(value));
    return *this;
  }

  // ---------------------------------------------------------------------------------- what happens

  /// Handles a command: calls the rpc that takes this request. Unless it is rejected, its events
  /// are applied, or its state taken, and so is a deletion: another command may follow.
  template <class Request>
  testkit& when(const Request& request) {
    constexpr auto count = Entity::requests::template count<Request>;
    static_assert(count > 0, "no rpc of this entity takes this request");
    static_assert(count < 2, "several rpcs take this request: when(\"Rpc\", request)");
    return handle(Entity::requests::template index<Request>, request);
  }

  /// The same for an rpc by its name in the .proto, where several take the same request.
  template <class Request>
  testkit& when(const std::string& rpc, const Request& request) {
    const auto* found = Entity::model().service->FindMethodByName(rpc);
    if (found == nullptr || found->input_type() != Request::descriptor()) {
      throw testkit_failure("no rpc \"" + rpc + "\" takes a " + Request::descriptor()->full_name());
    }
    return handle(static_cast<std::size_t>(found->index()), request);
  }

  // ------------------------------------------------------------------- what the last command did

  /// It emitted exactly these events, in this order: those given as they are without metadata,
  /// the others as event_with(event, metadata).
  template <class... Events>
  testkit& then_emits(const Events&... expected) {
    expect_accepted();
    std::vector<detail::event_view> wanted{
        detail::event_view{&detail::event_of(expected), &detail::beside(expected)}...};
    std::vector<detail::event_view> came;
    for (const auto& e : effect_.events) came.push_back({e.message.get(), &e.metadata});
    detail::expect_equal("events", wanted, came);
    return *this;
  }

  testkit& then_emits_nothing() { return then_emits(); }

  /// It replaced the state by this one. Of key-value entities.
  testkit& then_updates(const state_type& expected) requires is_key_value {
    expect_accepted();
    if (!effect_.new_state) {
      detail::fail("update", detail::text_of(expected), effect_.is_erased ? "a deletion" : "none");
    }
    detail::expect_equal<google::protobuf::Message>("update", expected, *effect_.new_state);
    return *this;
  }

  /// The state that it left ends after this time. Of key-value entities.
  testkit& then_expires_after(std::chrono::milliseconds expected) requires is_key_value {
    expect_accepted();
    if (effect_.expires_after != expected) {
      detail::fail("expiry", detail::text_of(expected),
                   effect_.expires_after ? detail::text_of(*effect_.expires_after) : "none");
    }
    return *this;
  }

  /// It deleted the entity, after its events.
  testkit& then_erases() {
    expect_accepted();
    if (!effect_.is_erased) detail::fail("deletion", "one", "none");
    return *this;
  }

  testkit& then_erases_nothing() {
    expect_accepted();
    if (effect_.is_erased) detail::fail("deletion", "none", "one");
    return *this;
  }

  /// It sent exactly these commands, in this order: `accounts_calls::deposit(request)` for one that
  /// it did not wait for, `awaited(accounts_calls::deposit(request))` for one that it did.
  template <class... Calls>
  testkit& then_sends(const Calls&... expected) {
    expect_accepted();
    detail::expect_equal("sends", std::vector<sent_call>{detail::as_sent(expected)...},
                         effect_.sends);
    return *this;
  }

  testkit& then_sends_nothing() { return then_sends(); }

  /// It started the timer `name`, which fires once.
  testkit& then_starts_timer(std::string name, std::chrono::milliseconds delay, any_call what) {
    return then_starts_periodic_timer(std::move(name), delay, {}, std::move(what));
  }

  /// It started the timer `name`, which fires after `delay` and then every `period`.
  testkit& then_starts_periodic_timer(std::string name, std::chrono::milliseconds delay,
                                      std::chrono::milliseconds period, any_call what) {
    return expect_timer({std::move(name), timer_effect::start{delay, period, std::move(what)}});
  }

  testkit& then_cancels_timer(std::string name) {
    return expect_timer({std::move(name), std::nullopt});
  }

  /// It neither started nor cancelled a timer.
  testkit& then_changes_no_timer() {
    expect_accepted();
    detail::expect_equal("timers", {}, effect_.timers);
    return *this;
  }

  /// It changed nothing and sent nothing: it only answered, or forwarded.
  testkit& then_changes_nothing() {
    expect_accepted();
    if (!effect_.changes_nothing()) detail::fail("changes", "none", text_of_changes());
    return *this;
  }

  /// It was answered with this reply.
  template <std::derived_from<google::protobuf::Message> Reply>
  testkit& then_replies(const Reply& expected) {
    expect_accepted();
    if (!reply_ || !detail::equal(expected, *reply_)) {
      detail::fail("reply", detail::text_of(expected), text_of_reply());
    }
    return *this;
  }

  /// It went on as this command, whose handler answers it.
  testkit& then_forwards(const any_call& expected) {
    expect_accepted();
    const auto* came = std::get_if<any_call>(&effect_.reply);
    if (came == nullptr || !detail::equal(expected, *came)) {
      detail::fail("reply", "forwarded to " + detail::text_of(expected), text_of_reply());
    }
    return *this;
  }

  /// It was refused with this code: it emitted and sent nothing, the state is as before.
  testkit& then_rejects(status_code expected) {
    if (effect_.rejection.code() != expected) {
      detail::fail("rejection", std::string(to_string(expected)), to_string(effect_.rejection));
    }
    return *this;
  }

  /// The same, with this text.
  testkit& then_rejects(status_code expected, const std::string& message) {
    if (effect_.rejection != status(expected, message)) {
      detail::fail("rejection", to_string(status(expected, message)), to_string(effect_.rejection));
    }
    return *this;
  }

  // ------------------------------------------------------------------ after all that happened so
  // far

  /// The state is this one; the empty one after a deletion.
  testkit& then_state(const state_type& expected) {
    detail::expect_equal<google::protobuf::Message>("state", expected, state_);
    return *this;
  }

  const state_type& state() const { return state_; }

  /// How many events the entity has had, or updates, deletions among them.
  std::int64_t sequence() const { return sequence_; }

 private:
  testkit& handle(std::size_t rpc_index, const google::protobuf::Message& request) {
    context circumstances(entity_id_, sequence_, metadata_);
    {
      context_scope scope(*subject_, circumstances);
      effect_ = subject_->handle(rpc_index, state_, request);
    }
    reply_ = nullptr;
    if (!effect_.rejection.ok()) return *this;
    take_changes();
    if (const auto* make = std::get_if<reply_function>(&effect_.reply)) {
      context after(entity_id_, sequence_, metadata_);
      context_scope scope(*subject_, after);
      reply_ = (*make)(state_);
    } else if (auto* given =
                   std::get_if<std::unique_ptr<google::protobuf::Message>>(&effect_.reply)) {
      reply_ = std::move(*given);
    }
    return *this;
  }

  void take_changes() {
    for (const auto& event : effect_.events) apply(event.index, *event.message, event.metadata);
    if (effect_.new_state) {
      state_ = static_cast<const state_type&>(*effect_.new_state);
      ++sequence_;
    }
    if (effect_.is_erased) {
      ++sequence_;
      empty();
    }
  }

  void apply(std::size_t index, const google::protobuf::Message& event, const metadata& beside) {
    context circumstances(entity_id_, ++sequence_, beside);
    context_scope scope(*subject_, circumstances);
    subject_->apply(index, state_, event);
  }

  void empty() {
    context circumstances(entity_id_, sequence_, detail::no_metadata);
    context_scope scope(*subject_, circumstances);
    state_ = subject_->empty_state();
  }

  void expect_accepted() const {
    if (!effect_.rejection.ok()) detail::fail("outcome", "OK", to_string(effect_.rejection));
  }

  testkit& expect_timer(const timer_effect& expected) {
    expect_accepted();
    detail::expect_timer(expected, effect_.timers);
    return *this;
  }

  std::string text_of_reply() const {
    if (const auto* what = std::get_if<any_call>(&effect_.reply)) {
      return "forwarded to " + detail::text_of(*what);
    }
    return reply_ ? detail::text_of(*reply_) : "none";
  }

  std::string text_of_changes() const {
    std::string text;
    auto add = [&](const std::string& one) { text += (text.empty() ? "" : ", ") + one; };
    for (const auto& event : effect_.events) add(detail::text_of(*event.message));
    if (effect_.new_state) add("the state " + detail::text_of(*effect_.new_state));
    if (effect_.is_erased) add("a deletion");
    for (const auto& sent : effect_.sends) add("a send of " + detail::text_of(sent));
    for (const auto& timer : effect_.timers) add("timer " + detail::text_of(timer));
    return text;
  }

  const std::string entity_id_;
  metadata metadata_;
  std::unique_ptr<Entity> subject_;
  state_type state_;
  std::int64_t sequence_ = 0;
  any_effect effect_;
  std::unique_ptr<google::protobuf::Message> reply_;
};

}  // namespace perdure
