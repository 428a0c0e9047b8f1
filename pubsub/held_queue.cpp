// How messages are held. The attributes that a writer has not told stay untold.

#include "pubsub/held_queue.hpp"

#include <utility>

namespace perdure::pubsub {
namespace {

constexpr std::string_view unread_type = "application/cloudevents+json";

}  // namespace

cloud_event unread_event(topic_record record) {
  cloud_event event;
  event.subject = std::move(record.key).value_or("");
  event.content_type = unread_type;
  if (record.time > timestamp{}) event.time = record.time;
  event.payload = std::move(record.payload);
  event.metadata = std::move(record.headers);
  event.metadata.erase("content-type");
  return event;
}

result<cloud_event> event_of(const persistence::stored_message& held) {
  const auto& message = held.message;
  // All that we hold has one: only of a record that is damaged nothing but its place is told.
  if (message.topic.empty()) {
    return status(status_code::data_loss, "what was held of it is damaged; it can only be skipped");
  }
  if (message.content_type == unread_type) {
    topic_record record;
    record.offset = held.offset;
    record.time = held.time;
    if (!message.key.empty()) record.key = message.key;
    record.payload = message.payload;
    record.headers = message.metadata;
    record.headers.emplace("content-type", message.content_type);
    return read_cloud_event(std::move(record));
  }
  cloud_event event;
  event.id = message.id;
  event.source = message.source;
  event.type = message.type;
  event.subject = message.key;
  event.content_type = message.content_type;
  if (message.sequence) event.sequence = value(*message.sequence);
  if (held.time != timestamp{}) event.time = held.time;
  event.trace_parent = message.trace_parent;
  event.payload = message.payload;
  event.metadata = message.metadata;
  return event;
}

std::size_t bytes_of(const persistence::held_message& held) {
  return persistence::bytes_of(held.what.message) + held.error.size();
}

}  // namespace perdure::pubsub
