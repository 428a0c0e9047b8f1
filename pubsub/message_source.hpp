#pragma once

#include <string>

// What is read: a topic, or what happens to a type of entity.

namespace perdure {
class EventSource;  // perdure/annotations.proto
}

namespace perdure::pubsub {

struct message_source {
  enum class kind { topic, event_sourced_entity, value_entity };
  kind from = kind::topic;
  std::string name;  // of the topic, or of the type of entity

  std::string description() const;  // "topic flights"
  std::string path() const;         // "topic/flights"
  friend bool operator==(const message_source&, const message_source&) = default;
};

// What the generator has checked is taken as it is.
message_source source_of(const EventSource& in);

// The topic of a stream that a service publishes for others (`direct`): "direct.paper.news".
std::string direct_topic(const std::string& service, const std::string& event_stream_id);

}  // namespace perdure::pubsub
