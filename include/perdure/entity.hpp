#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "perdure/context.hpp"
#include "perdure/effect.hpp"

/// Entities, as the runtime sees them and as the generated classes derive from them.
///
/// Users do not derive from these classes but from the one that protoc-gen-perdure writes for
/// their entity: it has one pure virtual function per rpc and per event.
namespace perdure {

/// One instance of a user's entity class: the behaviour of one entity, without its state. The
/// runtime owns it and its state, and calls it from one thread at a time. It must hold no state of
/// its own that matters: it may be destroyed and made anew between any two commands.
class entity {
 public:
  entity() = default;
  entity(const entity&) = delete;
  entity& operator=(const entity&) = delete;
  virtual ~entity() = default;

  /// The state of an entity that has no events yet. Override it where that is not the default
  /// message; it may use context().entity_id().
  virtual std::unique_ptr<google::protobuf::Message> erased_empty_state() = 0;

  /// Handles the rpc with this index in the service, given its request.
  virtual any_effect handle(std::size_t method, const google::protobuf::Message& state,
                            const google::protobuf::Message& command) = 0;

  /// Applies the event with this index in the annotation's `events`; of event sourced entities
  /// only. When it throws, `state` is left valid but unspecified.
  virtual void apply(std::size_t event, google::protobuf::Message& state,
                     const google::protobuf::Message& message) = 0;

 protected:
  /// The circumstances of the call that is under way. Only inside a handler, or in what a handler
  /// gave to then_reply(); else it throws std::logic_error.
  const perdure::context& context() const {
    if (context_ == nullptr) throw std::logic_error("context() is there only inside a handler");
    return *context_;
  }

 private:
  friend class context_scope;
  const perdure::context* context_ = nullptr;
};

/// For the runtime: what context() answers while this object lives.
class context_scope {
 public:
  context_scope(entity& target, const context& circumstances) : target_(target) {
    target_.context_ = &circumstances;
  }
  context_scope(const context_scope&) = delete;
  context_scope& operator=(const context_scope&) = delete;
  ~context_scope() { target_.context_ = nullptr; }

 private:
  entity& target_;
};

/// A list of types. The generated classes name the requests of their rpcs in one.
template <class... Ts>
struct type_list {
  /// How often T is in the list.
  template <class T>
  static constexpr std::size_t count = (std::size_t{0} + ... + std::size_t{std::same_as<T, Ts>});

  /// Position of the first T; only where there is one.
  template <class T>
  static constexpr std::size_t index = detail::index_of<T, Ts...>();
};

/// Base of the generated class of an event sourced entity.
template <class State, class... Events>
class event_sourced_entity : public entity {
 public:
  using state_type = State;
  using events = type_list<Events...>;

  /// The state of an entity that has no events yet.
  virtual State empty_state() { return State{}; }

  std::unique_ptr<google::protobuf::Message> erased_empty_state() final {
    return std::make_unique<State>(empty_state());
  }

 protected:
  /// Starts an effect.
  event_sourced_effects<State, Events...> effects() const { return {}; }
};

/// Base of the generated class of a key-value entity: its state is replaced whole.
template <class State>
class key_value_entity : public entity {
 public:
  using state_type = State;
  using events = type_list<>;

  /// The state of an entity that has none yet, was erased, or has expired.
  virtual State empty_state() { return State{}; }

  std::unique_ptr<google::protobuf::Message> erased_empty_state() final {
    return std::make_unique<State>(empty_state());
  }

  void apply(std::size_t, google::protobuf::Message&, const google::protobuf::Message&) final {
    throw std::logic_error("a key-value entity has no events");
  }

 protected:
  /// Starts an effect.
  key_value_effects<State> effects() const { return {}; }
};

enum class entity_kind { event_sourced, key_value };

/// All that the runtime must know about a type of entity. Written by the generator.
struct entity_model {
  std::string entity_type;  ///< name of the type in the store
  std::string component;    ///< full name of the component: "cart.domain.ShoppingCart"
  const google::protobuf::ServiceDescriptor* service;       ///< serves it
  const google::protobuf::Descriptor* state;                ///< its state
  std::vector<const google::protobuf::Descriptor*> events;  ///< in the order of the annotation
  std::function<std::unique_ptr<entity>()> create;          ///< a new instance of the user's class
  entity_kind kind = entity_kind::event_sourced;
  std::string service_name = {};  ///< of the service that has it; set when it is loaded
};

}  // namespace perdure
