#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/mail.hpp"
#include "persistence/outbox_store.hpp"
#include "persistence/step.hpp"

// The records of the Redis adapter, byte by byte in docs/formats.md. Each is
//
//   | version: 1 byte | body | checksum: 8 bytes |
//
// and the checksum also covers the kind of record and the name of its key.
//
// Decoding answers, with a short text of what is wrong, to be completed with the record's place:
//   DATA_LOSS            the record is damaged, or is another key's
//   FAILED_PRECONDITION  it is sound, and of a version that only a newer Perdure knows

namespace perdure::persistence::redis_records {

// The store as a whole.
struct store_record {
  std::uint32_t shard_count = 0;
  timestamp created{};
  std::string id;  // chosen when it was created, so that it is not taken for another

  friend bool operator==(const store_record&, const store_record&) = default;
};
std::string encode_store(const store_record& record);
result<store_record> decode_store(std::string_view record);
// Whether it may be a store record at all, sound or not.
bool is_store(std::string_view record);

// An entry of a shard's log. Of a key-value entity it has no payload: that is its state.
std::string encode_event(std::string_view key, const step& s, sequence_nr sequence,
                         const new_event& event);
struct event_record {
  stored_event event;  // but its offset
  epoch shard_epoch{};
  bool is_state = false;  // the payload is the entity's state, while that is of this number
};
result<event_record> decode_event(std::string_view key, std::string_view record);

// The state of an entity, or that it was deleted.
std::string encode_state(std::string_view key, const stored_snapshot& state);
result<stored_snapshot> decode_state(std::string_view key, std::string_view record);

struct reply_record {
  hybrid_time time;
  recorded_reply reply;
};
std::string encode_reply(std::string_view key, hybrid_time time, const recorded_reply& reply);
result<reply_record> decode_reply(std::string_view key, std::string_view record);

struct outcome_record {
  hybrid_time time;
  command_outcome outcome;
};
std::string encode_outcome(std::string_view key, hybrid_time time, const command_outcome& outcome);
result<outcome_record> decode_outcome(std::string_view key, std::string_view record);

// What a step sends and publishes, and the timers it sets; its offset is not in it.
std::string encode_outbox(std::string_view key, const step& s);
result<outbox_entry> decode_outbox(std::string_view key, std::string_view record);

}  // namespace perdure::persistence::redis_records
