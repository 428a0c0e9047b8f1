#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"
#include "persistence/step.hpp"
#include "persistence/topic.hpp"
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

// What a reader makes of a record. Every attribute may be missing: foreign writers need not know of
// CloudEvents.
struct cloud_event {
  std::string id;
  std::string source;
  std::string type;          // full name of the message, without what stands before the last '/'
  std::string subject;       // else the record's key
  std::string content_type;  // without parameters, in lower case; empty: not told
  std::optional<std::uint64_t> sequence;
  std::optional<timestamp> time;  // else the record's
  std::string trace_parent;
  std::optional<std::string> payload;  // nullopt: a tombstone
  perdure::metadata metadata;          // the headers that are no attribute
};

// Never fails in binary mode: what is malformed is as if it was not there.
//   INVALID_ARGUMENT  structured mode, and the payload is no such JSON object
result<cloud_event> read_cloud_event(const topic_record& record);

// The headers of a message in binary mode, in the order that people expect.
std::vector<std::pair<std::string, std::string>> headers_of(const persistence::stored_message& m);

// A message of a topic of ours as the record that it would be in Kafka.
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

// Between messages of one subject order and duplicates are told by its sequence: of an entity,
// whose type stands in ce-id, or of what a foreign writer calls source and subject. Empty where
// that cannot be told: one of source, subject and sequence is missing.
std::string subject_of(const cloud_event& event);

}  // namespace perdure::pubsub
