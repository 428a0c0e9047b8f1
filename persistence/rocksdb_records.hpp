#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/rocksdb_record_bytes.hpp"
#include "persistence/step.hpp"

// The values of the RocksDB adapter, byte by byte in docs/formats.md. Each is
//
//   | version: 1 byte | body | checksum: 8 bytes |
//
// and the checksum also covers the kind of record and the key, so that neither a flipped bit nor a
// value under another key is taken for good.

namespace perdure::persistence {

// What is encoded often takes a `buffer` whose memory may be used again, such as the value before.

// What decoding answers, each with a short text of what is wrong ("the checksum does not match"),
// to be completed with the record's place:
//   DATA_LOSS            the value is damaged, or is another key's
//   FAILED_PRECONDITION  it is sound, and of a version that only a newer Perdure knows

// What the store as a whole was created with.
struct store_record {
  std::uint32_t shard_count = 0;
  timestamp created{};

  friend bool operator==(const store_record&, const store_record&) = default;
};
std::string encode_store(std::string_view key, const store_record& record);
result<store_record> decode_store(std::string_view key, std::string_view value);

// An event, as it stands in the log of its shard; event.offset is in the key only.
struct event_record {
  stored_event event;
  epoch shard_epoch{};
  bool is_in_state = false;  // its payload is that of the entity's state, if that has its number
};
std::string encode_event(std::string_view key, const step& s, sequence_nr sequence,
                         const new_event& event, std::string buffer = {});
// What is left of an event when its content is dropped.
std::string encode_dropped_event(std::string_view key, const event_record& record);
result<event_record> decode_event(std::string_view key, std::string_view value);

// Where in the log an event of an entity stands.
std::string encode_index(std::string_view key, log_offset offset, std::string buffer = {});
result<log_offset> decode_index(std::string_view key, std::string_view value);

// The state of an entity after an event.
struct snapshot_record {
  stored_snapshot state;
  bool is_key_value = false;
};
std::string encode_snapshot(std::string_view key, sequence_nr sequence, const new_snapshot& state,
                            std::string buffer = {});
// The last event of `s` as state: that of a key-value entity, or a deletion.
std::string encode_state(std::string_view key, const step& s, std::string buffer = {});
result<snapshot_record> decode_snapshot(std::string_view key, std::string_view value);

struct reply_record {
  hybrid_time time;
  recorded_reply reply;
};
std::string encode_reply(std::string_view key, hybrid_time time, const recorded_reply& reply,
                         std::string buffer = {});
result<reply_record> decode_reply(std::string_view key, std::string_view value);

}  // namespace perdure::persistence
