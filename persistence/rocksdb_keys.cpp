// Keys of the RocksDB adapter; docs/formats.md shows them in bytes.

#include "persistence/rocksdb_keys.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace perdure::persistence {
namespace {

template <class Unsigned>
void append_big_endian(std::string& bytes, Unsigned n) {
  char ordered[sizeof n];
  for (std::size_t i = 0; i < sizeof n; ++i) {
    ordered[i] = static_cast<char>(n >> 8 * (sizeof n - 1 - i) & 0xff);
  }
  bytes.append(ordered, sizeof ordered);
}

constexpr std::size_t due_bytes = 8;

std::optional<entity_key> take_entity(std::string_view& key) {
  auto type = take_text(key);
  auto id = type ? take_text(key) : std::nullopt;
  if (!id) return std::nullopt;
  return entity_key{*std::move(type), *std::move(id)};
}

}  // namespace

void append_text(std::string& key, std::string_view text) {
  constexpr std::string_view escaped("\0\xff", 2), end("\0\x01", 2);
  for (auto at = text.find('\0'); at != text.npos; at = text.find('\0')) {
    key.append(text.substr(0, at)).append(escaped);
    text.remove_prefix(at + 1);
  }
  key.append(text).append(end);
}

std::optional<std::string> take_text(std::string_view& key) {
  std::string text;
  for (auto at = key.find('\0'); at != key.npos && at + 1 < key.size(); at = key.find('\0')) {
    text += key.substr(0, at);
    auto after = key[at + 1];
    key.remove_prefix(at + 2);
    if (after == '\x01') return text;
    text += '\0';
  }
  return std::nullopt;
}

void append_u16(std::string& bytes, std::uint16_t n) { append_big_endian(bytes, n); }
void append_u32(std::string& bytes, std::uint32_t n) { append_big_endian(bytes, n); }
void append_u64(std::string& bytes, std::uint64_t n) { append_big_endian(bytes, n); }

std::uint64_t read_unsigned(std::string_view bytes) {
  PERDURE_CHECK(bytes.size() <= 8);
  std::uint64_t n = 0;
  for (char c : bytes) n = n << 8 | static_cast<unsigned char>(c);
  return n;
}

std::string log_key(shard_id shard, log_offset offset) {
  std::string key;  // short enough to need no memory of its own
  append_u32(key, value(shard));
  append_u64(key, value(offset));
  return key;
}

log_offset offset_of_log_key(std::string_view key) {
  return log_offset{read_unsigned(key.substr(key.size() - 8))};
}

std::string entity_prefix(const entity_key& entity, std::string buffer) {
  buffer.clear();
  buffer.reserve(entity.type.size() + entity.id.size() + 4 + sequence_bytes);
  append_text(buffer, entity.type);
  append_text(buffer, entity.id);
  return buffer;
}

std::string index_key(const entity_key& entity, sequence_nr sequence) {
  auto key = entity_prefix(entity);
  append_u64(key, value(sequence));
  return key;
}

sequence_nr sequence_of_index_key(std::string_view key) {
  return sequence_nr{read_unsigned(key.substr(key.size() - sequence_bytes))};
}

std::string reply_key(const entity_key& entity, const idempotency_key& key) {
  auto bytes = entity_prefix(entity);
  append_reply_key(bytes, key);
  return bytes;
}

void append_reply_key(std::string& prefix, const idempotency_key& key) {
  append_text(prefix, key.method);
  append_text(prefix, key.key);
}

std::string mailbox_key(const entity_key& target, mail_position position) {
  auto key = entity_prefix(target);
  append_u64(key, value(position));
  return key;
}

std::optional<mailbox_place> place_of_mailbox_key(std::string_view key) {
  auto entity = take_entity(key);
  if (!entity || key.size() != 8) return std::nullopt;
  return mailbox_place{*std::move(entity), mail_position{read_unsigned(key)}};
}

std::string timer_key(const entity_key& owner, std::string_view name) {
  auto key = entity_prefix(owner);
  append_text(key, name);
  return key;
}

std::optional<timer_place> place_of_timer_key(std::string_view key) {
  auto owner = take_entity(key);
  auto name = owner ? take_text(key) : std::nullopt;
  if (!name || !key.empty()) return std::nullopt;
  return timer_place{*std::move(owner), *std::move(name)};
}

std::string due_key(timestamp due, std::string_view key_in_timers) {
  std::string key;
  key.reserve(due_bytes + key_in_timers.size());
  append_u64(key, static_cast<std::uint64_t>(due.time_since_epoch().count()));
  return key.append(key_in_timers);
}

timestamp time_of_due_key(std::string_view key) {
  auto millis = read_unsigned(key.substr(0, due_bytes));
  return timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(millis)}};
}

std::string_view timer_of_due_key(std::string_view key) {
  return key.substr(std::min(due_bytes, key.size()));
}

std::string deletion_key(hybrid_time time, std::string_view prefix) {
  std::string key;
  append_u64(key, time.bits);
  return key.append(prefix);
}

std::optional<deletion_place> place_of_deletion_key(std::string_view key) {
  if (key.size() < 8) return std::nullopt;
  hybrid_time time{read_unsigned(key.substr(0, 8))};
  key.remove_prefix(8);
  auto entity = take_entity(key);
  if (!entity || !key.empty()) return std::nullopt;
  return deletion_place{time, *std::move(entity)};
}

std::string partition_prefix(std::string_view topic, std::uint32_t partition, std::string buffer) {
  buffer.clear();
  append_text(buffer, topic);
  append_u32(buffer, partition);
  return buffer;
}

std::string message_key(std::string_view topic, std::uint32_t partition, topic_offset offset,
                        std::string buffer) {
  auto key = partition_prefix(topic, partition, std::move(buffer));
  append_u64(key, value(offset));
  return key;
}

std::optional<topic_place> place_of_topic_key(std::string_view key) {
  auto topic = take_text(key);
  if (!topic || (key.size() != 4 && key.size() != 12)) return std::nullopt;
  topic_place place{
      *std::move(topic), static_cast<std::uint32_t>(read_unsigned(key.substr(0, 4))), {}};
  if (key.size() == 12) place.offset = topic_offset{read_unsigned(key.substr(4))};
  return place;
}

std::string reader_prefix(std::string_view reader, std::string buffer) {
  buffer.clear();
  append_text(buffer, reader);
  return buffer;
}

std::string cursor_key(std::string_view reader, std::uint32_t partition, std::string buffer) {
  auto key = reader_prefix(reader, std::move(buffer));
  append_u32(key, partition);
  return key;
}

std::optional<reader_place> place_of_reader_key(std::string_view key) {
  auto reader = take_text(key);
  if (!reader || (!key.empty() && key.size() != 4)) return std::nullopt;
  reader_place place{*std::move(reader), {}};
  if (!key.empty()) place.partition = static_cast<std::uint32_t>(read_unsigned(key));
  return place;
}

std::string seen_key(const seen_subject& seen, std::string buffer) {
  auto key = reader_prefix(seen.reader, std::move(buffer));
  append_text(key, seen.subject);
  return key;
}

std::string held_key(const held_place& place, std::string buffer) {
  auto key = reader_prefix(place.reader, std::move(buffer));
  append_text(key, place.key);
  append_u64(key, place.number);
  return key;
}

std::optional<held_place> place_of_held_key(std::string_view key) {
  auto reader = take_text(key);
  auto of = reader ? take_text(key) : std::nullopt;
  if (!of || key.size() != 8) return std::nullopt;
  return held_place{*std::move(reader), *std::move(of), read_unsigned(key)};
}

std::string behind_text(std::string text) {
  PERDURE_CHECK(text.ends_with('\x01'));
  text.back() = '\x02';
  return text;
}

std::string relayed_key(shard_id shard) {
  std::string key = "relayed";
  append_u32(key, value(shard));
  return key;
}

}  // namespace perdure::persistence
