// Command path: events on their way into a topic. Used by actors/entity_ready.cpp; read again by
// pubsub/embedded_topic_log.cpp or pubsub/event_relay.cpp.

#include "actors/entity_publication.hpp"

#include <memory>

#include "pubsub/cloud_event.hpp"

namespace perdure::actors {

void publish_changes(const entity_type& type, persistence::step& s) {
  if (type.topic().empty() || s.events.empty()) return;
  if (!s.mail) s.mail = std::make_shared<persistence::mail_effects>();
  auto sequence = s.expected;
  for (const auto& event : s.events) {
    sequence = sequence + 1;
    s.mail->topics.messages.push_back(pubsub::message_of(
        type.topic(), type.model().service_name, s.entity, sequence, event, s.trace_parent));
  }
}

}  // namespace perdure::actors
