// Keys of the RocksDB adapter; docs/formats.md shows them in bytes.

#include "persistence/rocksdb_keys.hpp"

#include "base/check.hpp"

namespace perdure::persistence {
namespace {

template <class Unsigned>
void append_big_endian(std::string& bytes, Unsigned n) {
  for (int shift = 8 * (sizeof(Unsigned) - 1); shift >= 0; shift -= 8) {
    bytes += static_cast<char>(n >> shift & 0xff);
  }
}

}  // namespace

void append_text(std::string& key, std::string_view text) {
  for (char c : text) {
    key += c;
    if (c == '\0') key += '\xff';
  }
  key += '\0';
  key += '\x01';
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
  std::string key;
  append_u32(key, value(shard));
  append_u64(key, value(offset));
  return key;
}

log_offset offset_of_log_key(std::string_view key) {
  return log_offset{read_unsigned(key.substr(key.size() - 8))};
}

std::string entity_prefix(const entity_key& entity) {
  std::string key;
  key.reserve(entity.type.size() + entity.id.size() + 4 + sequence_bytes);
  append_text(key, entity.type);
  append_text(key, entity.id);
  return key;
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
  append_text(bytes, key.method);
  append_text(bytes, key.key);
  return bytes;
}

}  // namespace perdure::persistence
