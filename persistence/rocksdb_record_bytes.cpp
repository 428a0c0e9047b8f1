// The frame of a value and its fields, as docs/formats.md shows them in bytes.

#include "persistence/rocksdb_record_bytes.hpp"

#include <xxhash.h>

#include "base/check.hpp"

namespace perdure::persistence {
namespace {

constexpr std::size_t checksum_bytes = 8;

// The key's hash is the seed of the value's, and the kind the seed of the key's.
std::uint64_t checksum(record_kind kind, std::string_view key, std::string_view value) {
  auto seed = XXH3_64bits_withSeed(key.data(), key.size(), static_cast<std::uint64_t>(kind));
  return XXH3_64bits_withSeed(value.data(), value.size(), seed);
}

}  // namespace

record_writer::record_writer(std::size_t body_bytes, std::string buffer, std::uint8_t version)
    : bytes_(std::move(buffer)) {
  bytes_.clear();
  bytes_.reserve(1 + body_bytes + checksum_bytes);
  u8(version);
}

record_writer& record_writer::text(std::string_view text) {
  PERDURE_CHECK(text.size() <= UINT32_MAX);
  u32(static_cast<std::uint32_t>(text.size()));
  bytes_ += text;
  return *this;
}

record_writer& record_writer::metadata(const perdure::metadata& entries) {
  u32(static_cast<std::uint32_t>(entries.size()));
  for (const auto& [name, value] : entries) text(name).text(value);
  return *this;
}

std::string record_writer::seal(record_kind kind, std::string_view key) {
  append_u64(bytes_, checksum(kind, key, bytes_));
  return std::move(bytes_);
}

std::size_t field_bytes(const perdure::metadata& entries) {
  std::size_t bytes = 4;
  for (const auto& [name, value] : entries) bytes += field_bytes(name) + field_bytes(value);
  return bytes;
}

perdure::metadata record_reader::metadata() {
  perdure::metadata entries;
  for (auto left = u32(); left > 0 && !overrun_; --left) {
    auto name = text();
    entries.emplace_hint(entries.end(), std::move(name), text());
  }
  return entries;
}

result<record_reader> unseal(record_kind kind, std::string_view key, std::string_view value,
                             std::uint8_t newest) {
  if (value.size() < 1 + checksum_bytes) return damaged_record("it is too short");
  auto sealed = value.substr(0, value.size() - checksum_bytes);
  if (read_unsigned(value.substr(sealed.size())) != checksum(kind, key, sealed)) {
    return damaged_record("the checksum does not match");
  }
  auto written = static_cast<std::uint8_t>(sealed.front());
  if (written > newest) {
    return status(status_code::failed_precondition,
                  "it has format version " + std::to_string(written) + ", this Perdure knows " +
                      std::to_string(newest) + ": it was written by a newer Perdure");
  }
  if (written == 0) return damaged_record("its format version is 0");
  return record_reader(written, sealed.substr(1));
}

}  // namespace perdure::persistence
