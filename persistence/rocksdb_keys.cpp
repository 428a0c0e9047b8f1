// Keys of the RocksDB adapter; docs/formats.md shows them in bytes.

#include "persistence/rocksdb_keys.hpp"

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

}  // namespace

void append_text(std::string& key, std::string_view text) {
  constexpr std::string_view escaped("\0\xff", 2), end("\0\x01", 2);
  for (auto at = text.find('\0'); at != text.npos; at = text.find('\0')) {
    key.append(text.substr(0, at)).append(escaped);
    text.remove_prefix(at + 1);
  }
  key.append(text).append(end);
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

}  // namespace perdure::persistence
