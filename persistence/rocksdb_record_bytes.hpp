#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"
#include "persistence/rocksdb_keys.hpp"

// What all values of the RocksDB adapter are made of: the frame with version and checksum, and the
// fields in it. For rocksdb_records, rocksdb_mail_records and
// rocksdb_topic_records only.

namespace perdure::persistence {

// Which record a value is; part of its checksum. The numbers are stored: never reuse one.
enum class record_kind : std::uint64_t {
  store = 1,
  event = 2,
  index = 3,
  snapshot = 4,
  reply = 5,
  mail = 6,
  timer = 7,
  due = 8,
  command = 9,
  deletion = 10,
  relayed = 11,
  number = 12,
  message = 13,
  trimmed = 14,
  cursor = 15,
  pause = 16,
  seen = 17,
  held = 18,
};

inline status damaged_record(const char* what) { return {status_code::data_loss, what}; }

// Puts a value together, in the memory of `buffer`.
class record_writer {
 public:
  explicit record_writer(std::size_t body_bytes, std::string buffer = {}, std::uint8_t version = 1);

  record_writer& u8(std::uint8_t n) { return bytes_ += static_cast<char>(n), *this; }
  record_writer& u16(std::uint16_t n) { return append_u16(bytes_, n), *this; }
  record_writer& u32(std::uint32_t n) { return append_u32(bytes_, n), *this; }
  record_writer& u64(std::uint64_t n) { return append_u64(bytes_, n), *this; }
  record_writer& time(timestamp t) {  // milliseconds since 1970
    return u64(static_cast<std::uint64_t>(t.time_since_epoch().count()));
  }
  record_writer& text(std::string_view text);
  record_writer& metadata(const perdure::metadata& entries);
  std::string seal(record_kind kind, std::string_view key);

 private:
  std::string bytes_;
};

// How many bytes the fields of such values take.
inline std::size_t field_bytes(std::string_view text) { return 4 + text.size(); }
std::size_t field_bytes(const perdure::metadata& entries);

// Takes a body apart. Reading past its end gives zeros and is remembered.
class record_reader {
 public:
  record_reader(std::uint8_t version, std::string_view body) : version_(version), rest_(body) {}

  std::uint8_t version() const { return version_; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(read_unsigned(take(1))); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(read_unsigned(take(2))); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(read_unsigned(take(4))); }
  std::uint64_t u64() { return read_unsigned(take(8)); }
  timestamp time() {
    return timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(u64())}};
  }
  std::string text() { return std::string(take(u32())); }
  perdure::metadata metadata();

  // The record, if the body held exactly its fields.
  template <class Record>
  result<Record> done(Record record) const {
    if (overrun_ || !rest_.empty()) {
      return damaged_record("its length does not match its fields");
    }
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

  std::uint8_t version_;
  std::string_view rest_;
  bool overrun_ = false;
};

// The body of a sound value of a known version: one up to `newest`.
result<record_reader> unseal(record_kind kind, std::string_view key, std::string_view value,
                             std::uint8_t newest = 1);

}  // namespace perdure::persistence
