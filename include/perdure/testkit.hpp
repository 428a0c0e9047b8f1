#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "perdure/entity.hpp"

/// Unit tests of an entity's rules, without store, actor or thread:
///
///     testkit<shopping_cart>("cart-1")
///         .given(item_added("apple", 2))
///         .when(checkout())
///         .then_emits(checked_out())
///         .then_replies(Empty{});
///
/// Works in any test framework: an expectation that does not hold throws testkit_failure, whose
/// text says what was expected and what came. What a handler throws passes through.
namespace perdure {

class testkit_failure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// One entity of class `Entity`, alive for one test. One thread.
template <std::derived_from<entity> Entity>
class testkit {
 public:
  using state_type = typename Entity::state_type;

  /// A new entity with this id, in its empty state.
  explicit testkit(std::string entity_id, std::unique_ptr<Entity> subject = nullptr)
      : entity_id_(std::move(entity_id)),
        subject_(subject ? std::move(subject) : std::make_unique<Entity>()) {
    context circumstances(entity_id_, 0, no_metadata_);
    context_scope scope(*subject_, circumstances);
    state_ = subject_->empty_state();
  }

  /// These events have happened, in this order.
  template <class... Events>
  testkit& given(const Events&... events) {
    static_assert((... && (Entity::events::template count<Events> > 0)),
                  "only events of this entity can have happened");
    (apply(Entity::events::template index<Events>, events), ...);
    return *this;
  }

  /// Metadata that the commands that follow are sent with.
  testkit& with_metadata(std::string name, std::string value) {
    metadata_.emplace(std::move(name), std::move(value));
    return *this;
  }

  /// Handles a command: calls the rpc that takes this request. What it emits is applied, unless it
  /// is rejected, so another command may follow.
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

  /// The last command emitted exactly these events, in this order.
  template <class... Events>
  testkit& then_emits(const Events&... expected) {
    expect_accepted();
    std::vector<const google::protobuf::Message*> wanted{&expected...};
    bool same = wanted.size() == effect_.events.size();
    for (std::size_t i = 0; same && i < wanted.size(); ++i) {
      same = equal(*wanted[i], *effect_.events[i].message);
    }
    if (!same) {
      std::vector<const google::protobuf::Message*> came;
      for (const auto& event : effect_.events) came.push_back(event.message.get());
      fail("events", text_of(wanted), text_of(came));
    }
    return *this;
  }

  /// The last command emitted no event.
  testkit& then_emits_nothing() { return then_emits(); }

  /// The last command was answered with this reply.
  template <class Reply>
  testkit& then_replies(const Reply& expected) {
    expect_accepted();
    if (!reply_ || !equal(expected, *reply_)) {
      fail("reply", text_of(expected), reply_ ? text_of(*reply_) : "none");
    }
    return *this;
  }

  /// The last command was refused with this code: it emitted nothing, the state is as before.
  testkit& then_rejects(status_code expected) {
    if (effect_.rejection.code() != expected) {
      fail("rejection", std::string(to_string(expected)), to_string(effect_.rejection));
    }
    return *this;
  }

  /// The same, with this text.
  testkit& then_rejects(status_code expected, const std::string& message) {
    if (effect_.rejection != status(expected, message)) {
      fail("rejection", to_string(status(expected, message)), to_string(effect_.rejection));
    }
    return *this;
  }

  /// The state is this one, after all that happened so far.
  testkit& then_state(const state_type& expected) {
    if (!equal(expected, state_)) fail("state", text_of(expected), text_of(state_));
    return *this;
  }

  const state_type& state() const { return state_; }

  /// How many events the entity has had.
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
    for (const auto& event : effect_.events) apply(event.index, *event.message);
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

  void apply(std::size_t index, const google::protobuf::Message& event) {
    context circumstances(entity_id_, ++sequence_, no_metadata_);
    context_scope scope(*subject_, circumstances);
    subject_->apply(index, state_, event);
  }

  void expect_accepted() const {
    if (!effect_.rejection.ok()) fail("outcome", "OK", to_string(effect_.rejection));
  }

  [[noreturn]] static void fail(const std::string& what, const std::string& expected,
                                const std::string& came) {
    throw testkit_failure(what + ": expected " + expected + ", came " + came);
  }

  static bool equal(const google::protobuf::Message& a, const google::protobuf::Message& b) {
    return a.GetDescriptor() == b.GetDescriptor() &&
           google::protobuf::util::MessageDifferencer::Equals(a, b);
  }

  static std::string text_of(const google::protobuf::Message& message) {
    return message.GetDescriptor()->name() + " { " + message.ShortDebugString() + " }";
  }

  static std::string text_of(const std::vector<const google::protobuf::Message*>& messages) {
    std::string text = "[";
    for (const auto* message : messages) text += (text.size() > 1 ? ", " : "") + text_of(*message);
    return text + "]";
  }

  const metadata no_metadata_;
  const std::string entity_id_;
  metadata metadata_;
  std::unique_ptr<Entity> subject_;
  state_type state_;
  std::int64_t sequence_ = 0;
  any_effect effect_;
  std::unique_ptr<google::protobuf::Message> reply_;
};

}  // namespace perdure
