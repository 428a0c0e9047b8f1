// Values of the RocksDB adapter; docs/formats.md shows them in bytes.

#include "persistence/rocksdb_records.hpp"

#include <optional>
#include <utility>

#include "persistence/rocksdb_keys.hpp"

namespace perdure::persistence {
namespace {

// What a record of version 2 says beside its fields.
constexpr std::uint8_t in_state = 1;    // of an event: its payload stands in the state record
constexpr std::uint8_t superseded = 2;  // of an event: its payload is gone
constexpr std::uint8_t deleted = 1;     // of a snapshot: the entity was deleted
constexpr std::uint8_t key_value = 2;   // of a snapshot: it is the state of a key-value entity

struct event_fields {
  const entity_key& entity;
  sequence_nr sequence;
  hybrid_time time;
  region_id region;
  epoch shard_epoch;
  std::string_view trace_parent;
  std::string_view type;
  std::string_view payload;
  const perdure::metadata& metadata;
  std::uint8_t flags;
};

// As version 1, which most events are, when there is nothing that it cannot say.
std::string encode_fields(std::string_view key, const event_fields& e, std::string buffer) {
  bool is_plain = e.flags == 0 && e.metadata.empty();
  record_writer to(42 + e.entity.type.size() + e.entity.id.size() + e.trace_parent.size() +
                       e.type.size() + e.payload.size() +
                       (is_plain ? 0 : 1 + field_bytes(e.metadata)),
                   std::move(buffer), is_plain ? 1 : 2);
  to.u64(value(e.sequence)).u64(e.time.bits).u16(value(e.region)).u32(value(e.shard_epoch));
  if (!is_plain) to.u8(e.flags);
  to.text(e.entity.type).text(e.entity.id).text(e.trace_parent).text(e.type).text(e.payload);
  if (!is_plain) to.metadata(e.metadata);
  return to.seal(record_kind::event, key);
}

}  // namespace

std::string encode_store(std::string_view key, const store_record& record) {
  return record_writer(12)
      .u32(record.shard_count)
      .time(record.created)
      .seal(record_kind::store, key);
}

result<store_record> decode_store(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::store, key, value);
  if (!body) return body.error();
  store_record record;
  record.shard_count = body->u32();
  record.created = body->time();
  if (record.shard_count == 0) return damaged_record("its shard count is 0");
  return body->done(record);
}

std::string encode_event(std::string_view key, const step& s, sequence_nr sequence,
                         const new_event& event, std::string buffer) {
  bool stands_in_state = s.kind == step_kind::key_value && !event.is_deletion();
  return encode_fields(key,
                       {.entity = s.entity,
                        .sequence = sequence,
                        .time = s.time,
                        .region = s.region,
                        .shard_epoch = s.shard_epoch,
                        .trace_parent = s.trace_parent,
                        .type = event.type,
                        .payload = stands_in_state ? std::string_view() : event.payload,
                        .metadata = event.metadata,
                        .flags = stands_in_state ? in_state : std::uint8_t{0}},
                       std::move(buffer));
}

std::string encode_dropped_event(std::string_view key, const event_record& record) {
  const auto& e = record.event;
  return encode_fields(key,
                       {.entity = e.entity,
                        .sequence = e.sequence,
                        .time = e.time,
                        .region = e.region,
                        .shard_epoch = record.shard_epoch,
                        .trace_parent = e.trace_parent,
                        .type = e.type,
                        .payload = {},
                        .metadata = {},
                        .flags = e.is_deletion() ? std::uint8_t{0} : superseded},
                       {});
}

result<event_record> decode_event(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::event, key, value, 2);
  if (!body) return body.error();
  event_record record;
  record.event.offset = offset_of_log_key(key);
  record.event.sequence = sequence_nr{body->u64()};
  record.event.time = {body->u64()};
  record.event.region = region_id{body->u16()};
  record.shard_epoch = epoch{body->u32()};
  auto flags = body->version() == 1 ? std::uint8_t{0} : body->u8();
  record.event.entity.type = body->text();
  record.event.entity.id = body->text();
  record.event.trace_parent = body->text();
  record.event.type = body->text();
  record.event.payload = body->text();
  if (body->version() > 1) record.event.metadata = body->metadata();
  record.is_in_state = (flags & in_state) != 0;
  record.event.superseded = (flags & superseded) != 0;
  return body->done(std::move(record));
}

std::string encode_index(std::string_view key, log_offset offset, std::string buffer) {
  return record_writer(8, std::move(buffer)).u64(value(offset)).seal(record_kind::index, key);
}

result<log_offset> decode_index(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::index, key, value);
  if (!body) return body.error();
  auto offset = log_offset{body->u64()};
  return body->done(offset);
}

std::string encode_snapshot(std::string_view key, sequence_nr sequence, const new_snapshot& state,
                            std::string buffer) {
  return record_writer(16 + state.state_type.size() + state.payload.size(), std::move(buffer))
      .u64(value(sequence))
      .text(state.state_type)
      .text(state.payload)
      .seal(record_kind::snapshot, key);
}

std::string encode_state(std::string_view key, const step& s, std::string buffer) {
  const auto& event = s.events.back();
  bool is_key_value = s.kind == step_kind::key_value;
  auto flags = (event.is_deletion() ? deleted : 0) | (is_key_value ? key_value : 0);
  auto expires = event.is_deletion() ? timestamp::max() : s.expires;
  auto payload = event.is_deletion() ? std::string_view() : event.payload;
  return record_writer(25 + event.type.size() + payload.size(), std::move(buffer), 2)
      .u64(value(s.last()))
      .u8(static_cast<std::uint8_t>(flags))
      .time(expires)
      .text(event.type)
      .text(payload)
      .seal(record_kind::snapshot, key);
}

result<snapshot_record> decode_snapshot(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::snapshot, key, value, 2);
  if (!body) return body.error();
  snapshot_record record;
  record.state.sequence = sequence_nr{body->u64()};
  if (body->version() > 1) {
    auto flags = body->u8();
    record.is_key_value = (flags & key_value) != 0;
    record.state.expires = body->time();
  }
  record.state.state_type = body->text();
  record.state.payload = body->text();
  return body->done(std::move(record));
}

std::string encode_reply(std::string_view key, hybrid_time time, const recorded_reply& reply,
                         std::string buffer) {
  // The version tells whether it is a reply, or where to find one.
  record_writer record(20 + reply.payload.size(), std::move(buffer), reply.was_forwarded ? 2 : 1);
  return record.u64(time.bits)
      .u64(reply.fingerprint)
      .text(reply.payload)
      .seal(record_kind::reply, key);
}

result<reply_record> decode_reply(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::reply, key, value, 2);
  if (!body) return body.error();
  reply_record record;
  record.reply.was_forwarded = body->version() == 2;
  record.time = {body->u64()};
  record.reply.fingerprint = body->u64();
  record.reply.payload = body->text();
  return body->done(std::move(record));
}

}  // namespace perdure::persistence
