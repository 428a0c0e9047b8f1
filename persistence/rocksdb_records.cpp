// Values of the RocksDB adapter; docs/formats.md shows them in bytes.

#include "persistence/rocksdb_records.hpp"

#include <xxhash.h>

#include <optional>
#include <utility>

#include "base/check.hpp"
#include "persistence/rocksdb_keys.hpp"

namespace perdure::persistence {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t checksum_bytes = 8;

// The key's hash is the seed of the value's, and the kind the seed of the key's.
std::uint64_t checksum(record_kind kind, std::string_view key, std::string_view value) {
  auto seed = XXH3_64bits_withSeed(key.data(), key.size(), static_cast<std::uint64_t>(kind));
  return XXH3_64bits_withSeed(value.data(), value.size(), seed);
}

class writer {
 public:
  explicit writer(std::size_t body_bytes, std::string buffer = {}) : bytes_(std::move(buffer)) {
    bytes_.clear();
    bytes_.reserve(1 + body_bytes + checksum_bytes);
    bytes_ += static_cast<char>(version);
  }
  writer& u16(std::uint16_t n) { return append_u16(bytes_, n), *this; }
  writer& u32(std::uint32_t n) { return append_u32(bytes_, n), *this; }
  writer& u64(std::uint64_t n) { return append_u64(bytes_, n), *this; }
  writer& text(std::string_view text) {
    PERDURE_CHECK(text.size() <= UINT32_MAX);
    u32(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  std::string seal(record_kind kind, std::string_view key) {
    append_u64(bytes_, checksum(kind, key, bytes_));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

status damaged(const char* what) { return {status_code::data_loss, what}; }

// Takes a body apart. Reading past its end gives zeros and is remembered.
class reader {
 public:
  explicit reader(std::string_view body) : rest_(body) {}

  std::uint16_t u16() { return static_cast<std::uint16_t>(read_unsigned(take(2))); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(read_unsigned(take(4))); }
  std::uint64_t u64() { return read_unsigned(take(8)); }
  std::string text() { return std::string(take(u32())); }

  // The record, if the body held exactly its fields.
  template <class Record>
  result<Record> done(Record record) const {
    if (overrun_ || !rest_.empty()) return damaged("its length does not match its fields");
    return record;
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      overrun_ = true;
      rest_ = {};
      return {};
    }
    auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool overrun_ = false;
};

// The body of a sound value of a known version.
result<reader> unseal(record_kind kind, std::string_view key, std::string_view value) {
  if (value.size() < 1 + checksum_bytes) return damaged("it is too short");
  auto sealed = value.substr(0, value.size() - checksum_bytes);
  if (read_unsigned(value.substr(sealed.size())) != checksum(kind, key, sealed)) {
    return damaged("the checksum does not match");
  }
  auto written = static_cast<std::uint8_t>(sealed.front());
  if (written > version) {
    return status(status_code::failed_precondition,
                  "it has format version " + std::to_string(written) + ", this Perdure knows " +
                      std::to_string(version) + ": it was written by a newer Perdure");
  }
  if (written != version) return damaged("its format version is 0");
  return reader(sealed.substr(1));
}

}  // namespace

std::string encode_store(std::string_view key, const store_record& record) {
  return writer(12)
      .u32(record.shard_count)
      .u64(static_cast<std::uint64_t>(record.created.time_since_epoch().count()))
      .seal(record_kind::store, key);
}

result<store_record> decode_store(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::store, key, value);
  if (!body) return body.error();
  store_record record;
  record.shard_count = body->u32();
  record.created = timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(body->u64())}};
  if (record.shard_count == 0) return damaged("its shard count is 0");
  return body->done(record);
}

std::string encode_event(std::string_view key, const step& s, sequence_nr sequence,
                         const new_event& event, std::string buffer) {
  return writer(42 + s.entity.type.size() + s.entity.id.size() + s.trace_parent.size() +
                    event.type.size() + event.payload.size(),
                std::move(buffer))
      .u64(value(sequence))
      .u64(s.time.bits)
      .u16(value(s.region))
      .u32(value(s.shard_epoch))
      .text(s.entity.type)
      .text(s.entity.id)
      .text(s.trace_parent)
      .text(event.type)
      .text(event.payload)
      .seal(record_kind::event, key);
}

result<event_record> decode_event(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::event, key, value);
  if (!body) return body.error();
  event_record record;
  record.event.offset = offset_of_log_key(key);
  record.event.sequence = sequence_nr{body->u64()};
  record.event.time = {body->u64()};
  record.event.region = region_id{body->u16()};
  record.shard_epoch = epoch{body->u32()};
  record.event.entity.type = body->text();
  record.event.entity.id = body->text();
  record.event.trace_parent = body->text();
  record.event.type = body->text();
  record.event.payload = body->text();
  return body->done(std::move(record));
}

std::string encode_index(std::string_view key, log_offset offset, std::string buffer) {
  return writer(8, std::move(buffer)).u64(value(offset)).seal(record_kind::index, key);
}

result<log_offset> decode_index(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::index, key, value);
  if (!body) return body.error();
  auto offset = log_offset{body->u64()};
  return body->done(offset);
}

std::string encode_snapshot(std::string_view key, sequence_nr sequence, const new_snapshot& state,
                            std::string buffer) {
  return writer(16 + state.state_type.size() + state.payload.size(), std::move(buffer))
      .u64(value(sequence))
      .text(state.state_type)
      .text(state.payload)
      .seal(record_kind::snapshot, key);
}

result<stored_snapshot> decode_snapshot(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::snapshot, key, value);
  if (!body) return body.error();
  stored_snapshot record;
  record.sequence = sequence_nr{body->u64()};
  record.state_type = body->text();
  record.payload = body->text();
  return body->done(std::move(record));
}

std::string encode_reply(std::string_view key, hybrid_time time, const recorded_reply& reply,
                         std::string buffer) {
  return writer(20 + reply.payload.size(), std::move(buffer))
      .u64(time.bits)
      .u64(reply.fingerprint)
      .text(reply.payload)
      .seal(record_kind::reply, key);
}

result<reply_record> decode_reply(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::reply, key, value);
  if (!body) return body.error();
  reply_record record;
  record.time = {body->u64()};
  record.reply.fingerprint = body->u64();
  record.reply.payload = body->text();
  return body->done(std::move(record));
}

}  // namespace perdure::persistence
