// How large steps and stored events are, for the limits on groups, steps and log pages.

#include "persistence/step.hpp"

namespace perdure::persistence {

std::size_t bytes_of(const step& s) {
  // Each event is stored with the entity it is of and the trace it belongs to.
  auto of_each =
      sizeof(new_event) + s.entity.type.size() + s.entity.id.size() + s.trace_parent.size();
  auto bytes = sizeof(step) + s.reply.payload.size();
  for (const auto& event : s.events) bytes += of_each + event.type.size() + event.payload.size();
  if (s.snapshot) bytes += s.snapshot->state_type.size() + s.snapshot->payload.size();
  if (s.key) bytes += s.key->method.size() + s.key->key.size();
  return bytes;
}

std::size_t bytes_of(const stored_event& e) {
  return sizeof(stored_event) + e.entity.type.size() + e.entity.id.size() + e.trace_parent.size() +
         e.type.size() + e.payload.size();
}

}  // namespace perdure::persistence
