// Values of topics and their readers; docs/formats.md shows them in bytes.

#include "persistence/rocksdb_topic_records.hpp"

#include <utility>

#include "persistence/rocksdb_keys.hpp"

namespace perdure::persistence {
namespace {

constexpr std::uint8_t has_payload = 1;
constexpr std::uint8_t has_sequence = 2;

// The fields of a message, but for where it goes.
void write(record_writer& to, const new_message& m) {
  to.u8(static_cast<std::uint8_t>((m.payload ? has_payload : 0) | (m.sequence ? has_sequence : 0)));
  if (m.sequence) to.u64(value(*m.sequence));
  to.text(m.key)
      .text(m.id)
      .text(m.source)
      .text(m.type)
      .text(m.content_type)
      .text(m.trace_parent)
      .metadata(m.metadata);
  if (m.payload) to.text(*m.payload);
}

void read(record_reader& from, new_message& m) {
  auto flags = from.u8();
  if (flags & has_sequence) m.sequence = sequence_nr{from.u64()};
  m.key = from.text();
  m.id = from.text();
  m.source = from.text();
  m.type = from.text();
  m.content_type = from.text();
  m.trace_parent = from.text();
  m.metadata = from.metadata();
  if (flags & has_payload) m.payload = from.text();
}

std::size_t size_of(const new_message& m) {
  return 1 + (m.sequence ? 8 : 0) + field_bytes(m.key) + field_bytes(m.id) + field_bytes(m.source) +
         field_bytes(m.type) + field_bytes(m.content_type) + field_bytes(m.trace_parent) +
         field_bytes(m.metadata) + (m.payload ? field_bytes(*m.payload) : 0);
}

}  // namespace

std::string encode_message(std::string_view key, const new_message& message, timestamp time,
                           std::uint64_t bytes_before, std::string buffer) {
  record_writer to(16 + size_of(message), std::move(buffer));
  to.u64(bytes_before).time(time);
  write(to, message);
  return to.seal(record_kind::message, key);
}

result<message_record> decode_message(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::message, key, value);
  if (!body) return body.error();
  auto place = place_of_topic_key(key);
  if (!place || !place->offset) return damaged_record("its key is no message's");
  message_record record;
  record.bytes_before = body->u64();
  record.what.time = body->time();
  read(*body, record.what.message);
  record.what.message.topic = std::move(place->topic);
  record.what.offset = *place->offset;
  return body->done(std::move(record));
}

std::string encode_trimmed(std::string_view key, const trimmed_record& record) {
  return record_writer(16)
      .u64(value(record.first))
      .u64(record.bytes_before)
      .seal(record_kind::trimmed, key);
}

result<trimmed_record> decode_trimmed(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::trimmed, key, value);
  if (!body) return body.error();
  trimmed_record record;
  record.first = topic_offset{body->u64()};
  record.bytes_before = body->u64();
  return body->done(record);
}

std::string encode_held(std::string_view key, const held_message& held, std::string buffer) {
  const auto& m = held.what.message;
  record_writer to(40 + field_bytes(held.error) + field_bytes(m.topic) + size_of(m),
                   std::move(buffer));
  to.u32(held.attempts)
      .time(held.failed_at)
      .time(held.retry_at)
      .text(held.error)
      .text(m.topic)
      .u32(held.partition)
      .u64(value(held.what.offset))
      .time(held.what.time);
  write(to, m);
  return to.seal(record_kind::held, key);
}

result<held_message> decode_held(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::held, key, value);
  if (!body) return body.error();
  held_message record;
  record.attempts = body->u32();
  record.failed_at = body->time();
  record.retry_at = body->time();
  record.error = body->text();
  record.what.message.topic = body->text();
  record.partition = body->u32();
  record.what.offset = topic_offset{body->u64()};
  record.what.time = body->time();
  read(*body, record.what.message);
  return body->done(std::move(record));
}

}  // namespace perdure::persistence
