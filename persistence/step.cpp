// How large steps, mail and stored events are, for the limits on groups, steps, mailboxes and log
// pages.

#include "persistence/step.hpp"

namespace perdure::persistence {
namespace {

std::size_t bytes_of(const perdure::metadata& entries) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : entries) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace

std::size_t bytes_of(const new_mail& m) {
  return sizeof(new_mail) + m.target.type.size() + m.target.id.size() + m.method.size() +
         m.payload.size() + bytes_of(m.metadata) + m.idempotency_key.size() + m.command_id.size();
}

std::size_t bytes_of(const mail_effects& e) {
  auto bytes = sizeof(mail_effects);
  for (const auto& m : e.mail) bytes += bytes_of(m);
  for (const auto& t : e.timers) bytes += t.name.size() + (t.set ? bytes_of(t.set->what) : 0);
  if (e.outcome) bytes += e.outcome->result.message().size() + e.outcome->reply.size();
  if (e.fired) bytes += bytes_of(e.fired->timer.timer.what);
  bytes += bytes_of(e.topics);
  return bytes;
}

std::size_t bytes_of(const step& s) {
  // Each event is stored with the entity it is of and the trace it belongs to.
  auto of_each =
      sizeof(new_event) + s.entity.type.size() + s.entity.id.size() + s.trace_parent.size();
  auto bytes = sizeof(step) + s.reply.payload.size();
  for (const auto& event : s.events) {
    bytes += of_each + event.type.size() + event.payload.size() + bytes_of(event.metadata);
  }
  if (s.snapshot) bytes += s.snapshot->state_type.size() + s.snapshot->payload.size();
  if (s.key) bytes += s.key->method.size() + s.key->key.size();
  if (s.mail) bytes += bytes_of(*s.mail);
  return bytes;
}

std::size_t bytes_of(const stored_event& e) {
  return sizeof(stored_event) + e.entity.type.size() + e.entity.id.size() + e.trace_parent.size() +
         e.type.size() + e.payload.size() + bytes_of(e.metadata);
}

}  // namespace perdure::persistence
