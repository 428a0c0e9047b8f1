#pragma once

#include <memory>

#include "actors/entity_type.hpp"
#include "base/ids.hpp"
#include "perdure/entity.hpp"
#include "perdure/status.hpp"
#include "persistence/step.hpp"

// Phase 1 of an entity's life. Before: nothing, or a failed commit. Next: actors/entity_ready.cpp.
//
// Folds what is stored into the entity's state. Decides nothing and stores nothing.

namespace perdure::actors {

// An entity as its history left it.
struct recovered_entity {
  std::unique_ptr<entity> behaviour;
  std::unique_ptr<google::protobuf::Message> state;
  sequence_nr sequence{};                // of the last event
  sequence_nr snapshot{};                // of the last event that a snapshot holds
  bool is_gone = true;                   // it has no state: it never had one, or was erased
  timestamp expires = timestamp::max();  // of a key-value entity's state
  mail_position handled{};               // the last mail that its own store knows to be handled
};

//   DATA_LOSS  something stored cannot be read: damaged, or unknown to this version of the service;
//              the text names the place
//   INTERNAL   an event handler failed
result<recovered_entity> recover(const entity_type& type, const entity_key& key,
                                 const persistence::history& history);

// Applies one event to the state, under the guard.
//   INTERNAL  the event handler failed; `state` is unspecified
status apply_event(const entity_type& type, const entity_key& key, entity& behaviour,
                   google::protobuf::Message& state, sequence_nr sequence, std::size_t event,
                   const google::protobuf::Message& message, const metadata& beside);

// The entity has no state from this event on: its state becomes the empty one.
//   INTERNAL  the user's empty_state() failed
status clear_state(const entity_type& type, const entity_key& key, recovered_entity& self);

}  // namespace perdure::actors
