#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "perdure/metadata.hpp"

// What steps publish to topics, and how far the readers of topics and logs have got. Values only.
//
//   a step's messages --> topic, by partition --> a reader's handler --> its step: cursor moves,
//                                                   |                    mail, messages
//                                                   | fails
//                                                   v
//                                              held queue of (reader, key), tried again, then
//                                              parked

namespace perdure::persistence {

// One message of a topic: a CloudEvent, by its attributes.
struct new_message {
  std::string topic;
  std::string key;  // ce-subject, the Kafka key; decides the partition, and order is kept per key
  std::string id;   // ce-id: deterministic, so that readers may dedupe by it
  std::string source;                   // ce-source: the service
  std::string type;                     // ce-type: full name of the message
  std::string content_type;             // ce-datacontenttype; empty: application/protobuf
  std::optional<sequence_nr> sequence;  // ce-sequence: of an entity's event
  std::optional<std::string> payload;   // nullopt: the subject was deleted (a tombstone)
  std::string trace_parent;             // W3C traceparent; empty: none
  perdure::metadata metadata;           // the user's

  friend bool operator==(const new_message&, const new_message&) = default;
};

// The same, as read back.
struct stored_message {
  new_message message;
  topic_offset offset{};  // in its partition
  timestamp time;         // ce-time: of the step that published it

  friend bool operator==(const stored_message&, const stored_message&) = default;
};

// The partition of a message: that of its key, or of its id where there is no key.
std::uint32_t partition_of(const new_message& m, std::uint32_t partitions);

// What a partition holds: the offsets from `first` up to, not including, `end`.
struct topic_bounds {
  topic_offset first{};
  topic_offset end{};

  friend bool operator==(const topic_bounds&, const topic_bounds&) = default;
};

// ----------------------------------------------------------------------------------------- readers

// A reader's place in one partition of what it reads: the next offset it has not dealt with.
// Offsets are those of a topic's partition, of a Kafka partition, or of a shard's log.
struct cursor {
  std::uint32_t partition = 0;
  topic_offset next{};

  friend bool operator==(const cursor&, const cursor&) = default;
};

// A cursor moves. ABORTED, with the whole step, when it does not stand where it is expected.
struct cursor_move {
  std::string reader;
  std::uint32_t partition = 0;
  // nullopt: it is set wherever it stands, as when a reader is rewound.
  std::optional<topic_offset> expected;
  topic_offset next{};  // expected = 0 also fits a cursor that was never set
};

// The last sequence number of a subject that a reader has dealt with: what comes again, or before
// it, is a duplicate. Only of readers of topics that may hold one message twice.
struct seen_subject {
  std::string reader;
  std::string subject;  // with its source: pubsub/cloud_event.hpp
  std::uint64_t sequence = 0;
};

// ------------------------------------------------------------------------------------ held
// messages

// Place of a message in the held queue of its reader and key: the order in which it is dealt with.
struct held_place {
  std::string reader;
  std::string key;
  std::uint64_t number = 0;  // grows per reader and key

  friend auto operator<=>(const held_place&, const held_place&) = default;
};

// A message that its handler could not deal with, or that waits behind such a one of its key.
struct held_message {
  std::uint32_t partition = 0;  // where it was read
  stored_message what;          // `what.message.topic` is where it came from
  std::uint32_t attempts = 0;   // how often its handler has failed; 0: it only waits behind another
  timestamp failed_at{};        // first
  timestamp retry_at{};         // max(): it is parked: tried again only when somebody says so
  std::string error;            // of the last attempt, for people

  friend bool operator==(const held_message&, const held_message&) = default;
};

// A held message is put there or changed; or it is gone: dealt with, or skipped.
struct held_change {
  held_place place;
  std::optional<held_message> set;
};

struct stored_held_message {
  held_place place;
  held_message what;

  friend bool operator==(const stored_held_message&, const stored_held_message&) = default;
};

// A reader is paused or goes on; kept, so that it is so after a restart.
struct reader_pause {
  std::string reader;
  bool is_paused = false;
};

// All of that of one step; part of mail_effects (mail.hpp).
struct topic_effects {
  std::vector<new_message> messages;  // in the order in which they are published
  // Where the store has put them, as many: set by commit() of a store with topics.
  std::vector<topic_offset> positions;

  // Of steps of kind mail_only.
  std::vector<cursor_move> cursors;
  std::vector<seen_subject> seen;
  std::vector<std::string> forget_seen;  // all of these readers, before `seen`
  std::vector<held_change> held;
  std::vector<reader_pause> pauses;
};

// About how many bytes; what bounds a page of a topic, and a step.
std::size_t bytes_of(const new_message& m);
std::size_t bytes_of(const topic_effects& e);

}  // namespace perdure::persistence
