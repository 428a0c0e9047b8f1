// From an annotation to what is read.

#include "pubsub/message_source.hpp"

#include "perdure/annotations.pb.h"

namespace perdure::pubsub {
namespace {

using kind = message_source::kind;

std::string word_of(kind k) {
  switch (k) {
    case kind::event_sourced_entity:
      return "event_sourced_entity";
    case kind::value_entity:
      return "value_entity";
    case kind::topic:
      break;
  }
  return "topic";
}

}  // namespace

std::string message_source::description() const { return word_of(from) + " " + name; }

std::string message_source::path() const { return word_of(from) + "/" + name; }

message_source source_of(const EventSource& in) {
  switch (in.source_case()) {
    case EventSource::kEventSourcedEntity:
      return {kind::event_sourced_entity, in.event_sourced_entity()};
    case EventSource::kValueEntity:
      return {kind::value_entity, in.value_entity()};
    case EventSource::kDirect:
      return {kind::topic, direct_topic(in.direct().service(), in.direct().event_stream_id())};
    default:
      return {kind::topic, in.topic()};
  }
}

std::string direct_topic(const std::string& service, const std::string& event_stream_id) {
  return "direct." + service + "." + event_stream_id;
}

}  // namespace perdure::pubsub
