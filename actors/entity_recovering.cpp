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
  made.sequence = made.snapshot = snapshot.sequence;
  if (snapshot.is_deletion()) return {};  // the empty state is there already
  const auto& expected = type.model().state->full_name();
  const auto* kept = type.model().kind == entity_kind::key_value ? "state" : "snapshot";
  if (snapshot.state_type != expected) {
    return damaged(key, snapshot.sequence,
                   "the " + std::string(kept) + " is a " + snapshot.state_type +
                       ", the service's state is a " + expected +
                       "; run the version that wrote it, or rename the message back");
  }
  if (!made.state->ParseFromString(snapshot.payload)) {
    return damaged(key, snapshot.sequence, "the " + std::string(kept) + " is no valid " + expected);
  }
  made.is_gone = false;
  made.expires = snapshot.expires;
  return {};
}

status apply_stored(const persistence::stored_event& event, const entity_type& type,
                    const entity_key& key, recovered_entity& made) {
  made.sequence = event.sequence;
  if (event.is_deletion()) return clear_state(type, key, made);
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
  made.is_gone = false;
  return apply_event(type, key, *made.behaviour, *made.state, event.sequence, *index, *message,
                     event.metadata);
}

}  // namespace

result<recovered_entity> recover(const entity_type& type, const entity_key& key,
                                 const persistence::history& history) {
  recovered_entity made;
  auto created = guarded(key, "making", type.model().component,
                         [&] { made.behaviour = type.model().create(); });
  if (!created.ok()) return created;
  if (auto s = clear_state(type, key, made); !s.ok()) return s;
  made.handled = history.handled;

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
                   const google::protobuf::Message& message, const metadata& beside) {
  return guarded(key, "applying", type.model().events[event]->full_name(), [&] {
    perdure::context circumstances(key.id, static_cast<std::int64_t>(value(sequence)), beside);
    context_scope scope(behaviour, circumstances);
    behaviour.apply(event, state, message);
  });
}

status clear_state(const entity_type& type, const entity_key& key, recovered_entity& self) {
  return guarded(key, "making the empty state of", type.model().component, [&] {
    static const metadata none;
    perdure::context circumstances(key.id, static_cast<std::int64_t>(value(self.sequence)), none);
    context_scope scope(*self.behaviour, circumstances);
    self.state = self.behaviour->erased_empty_state();
    self.is_gone = true;
    self.expires = timestamp::max();
  });
}

}  // namespace perdure::actors
