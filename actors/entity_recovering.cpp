// Command path: snapshot, then the events after it.
// Before: actors/entity_actor.cpp. Next: actors/entity_ready.cpp.

#include "actors/entity_recovering.hpp"

#include <string>

#include "actors/user_code_guard.hpp"

namespace perdure::actors {
namespace {

status damaged(const entity_key& key, sequence_nr sequence, const std::string& what) {
  return {status_code::data_loss,
          to_string(key) + ", sequence " + std::to_string(value(sequence)) + ": " + what};
}

status begin_at(const persistence::stored_snapshot& snapshot, const entity_type& type,
                const entity_key& key, recovered_entity& made) {
  const auto& expected = type.model().state->full_name();
  if (snapshot.state_type != expected) {
    return damaged(key, snapshot.sequence,
                   "the snapshot holds a " + snapshot.state_type + ", the service's state is a " +
                       expected + "; run the version that wrote it, or rename the message back");
  }
  if (!made.state->ParseFromString(snapshot.payload)) {
    return damaged(key, snapshot.sequence, "the snapshot is no valid " + expected);
  }
  made.sequence = made.snapshot = snapshot.sequence;
  return {};
}

status apply_stored(const persistence::stored_event& event, const entity_type& type,
                    const entity_key& key, recovered_entity& made) {
  auto index = type.event_index(event.type);
  if (!index) {
    return damaged(key, event.sequence,
                   "\"" + event.type + "\" is no event of " + type.model().component +
                       "; run the version that wrote it, or list the event again");
  }
  auto message = type.new_event(*index);
  if (!message->ParseFromString(event.payload)) {
    return damaged(key, event.sequence, "the event is no valid " + event.type);
  }
  made.sequence = event.sequence;
  return apply_event(type, key, *made.behaviour, *made.state, event.sequence, *index, *message);
}

}  // namespace

result<recovered_entity> recover(const entity_type& type, const entity_key& key,
                                 const persistence::history& history) {
  recovered_entity made;
  auto begun = guarded(key, "making", type.model().component, [&] {
    static const metadata none;
    made.behaviour = type.model().create();
    perdure::context circumstances(key.id, 0, none);
    context_scope scope(*made.behaviour, circumstances);
    made.state = made.behaviour->erased_empty_state();
  });
  if (!begun.ok()) return begun;

  if (history.snapshot) {
    if (auto s = begin_at(*history.snapshot, type, key, made); !s.ok()) return s;
  }
  for (const auto& event : history.events) {
    if (auto s = apply_stored(event, type, key, made); !s.ok()) return s;
  }
  return made;
}

status apply_event(const entity_type& type, const entity_key& key, entity& behaviour,
                   google::protobuf::Message& state, sequence_nr sequence, std::size_t event,
                   const google::protobuf::Message& message) {
  return guarded(key, "applying", type.model().events[event]->full_name(), [&] {
    static const metadata none;
    perdure::context circumstances(key.id, static_cast<std::int64_t>(value(sequence)), none);
    context_scope scope(behaviour, circumstances);
    behaviour.apply(event, state, message);
  });
}

}  // namespace perdure::actors
