#pragma once

#include <string>
#include <utility>
#include <vector>

#include "perdure/status.hpp"
#include "persistence/step.hpp"
#include "persistence/topic.hpp"
#include "pubsub/event_attributes.hpp"
#include "pubsub/topic_log.hpp"

// CloudEvents 1.0, and how they stand in records: in binary mode, as headers "ce-...", which is how
// ours are written ("ce_...", as the CloudEvents' binding to Kafka spells them, is read as well);
// in structured mode, as one JSON object with the content type application/cloudevents+json, which
// is read as well.
//
//   ce-specversion  1.0
//   ce-id           <entity type>/<entity id>/<sequence>, or whatever is unique and comes again
//   ce-source       the service                   ce-subject  the entity's id, also the key
//   ce-type         full name of the message; of a deletion, which has no payload,
//                   google.protobuf.Empty, as what handles it takes
//   ce-sequence     number of the event within its entity
//   ce-time         RFC 3339, of the step
//   content-type, ce-datacontenttype   of the payload
//   traceparent, and the user's metadata under their own names

namespace perdure::pubsub {

// Never fails in binary mode: what is malformed is as if it was not there. Takes out of the record
// what it needs; where it fails it leaves the record alone.
//   INVALID_ARGUMENT  structured mode, and the payload is no such JSON object
result<cloud_event> read_cloud_event(topic_record&& record);
result<cloud_event> read_cloud_event(const topic_record& record);

// A record whose event was taken out, as it was, but with headers for attributes.
topic_record as_written(topic_record record, const cloud_event& event);

// The headers of a message in binary mode, in the order that people expect.
std::vector<std::pair<std::string, std::string>> headers_of(const persistence::stored_message& m);

// A message of a topic of ours as the record that it would be in Kafka, but with attributes for
// headers.
topic_record record_of(persistence::stored_message m);

// An event of an entity as such a record: what a subscriber to the entity gets. `source` is the
// service's name.
topic_record record_of(persistence::stored_event event, const std::string& source);

// The message by which an event of a published entity stands in its topic; a deletion is a
// tombstone.
persistence::new_message message_of(const std::string& topic, const std::string& source,
                                    const entity_key& entity, sequence_nr sequence,
                                    const persistence::new_event& event,
                                    const std::string& trace_parent);

// An event as a message; what the writer has not told stays untold.
persistence::stored_message message_of(const cloud_event& event, const std::string& topic,
                                       topic_offset offset);

// Between messages of one subject order and duplicates are told by its sequence: of an entity,
// whose type stands in ce-id, or of what a foreign writer calls source and subject. Empty where
// that cannot be told: one of source, subject and sequence is missing.
std::string subject_of(const cloud_event& event);

}  // namespace perdure::pubsub
