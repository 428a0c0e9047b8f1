// Messages are dropped by one mark for a range of keys, however many they are. With it is written
// where the partition begins from then on: when all of it was dropped, that is where it goes on.
//
// RocksDB frees their place when it merges files that hold marks with those that hold messages,
// which new messages never make it do. So now and then files that hold nothing else are removed.

#include "persistence/rocksdb_trimming.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_topic_reads.hpp"
#include "persistence/rocksdb_topic_records.hpp"

namespace perdure::persistence {
namespace {

// About what one file holds.
constexpr std::uint64_t freed_at_a_time = 64 << 20;

void remove_files(const rocksdb_database& database, const std::string& begin,
                  const std::string& end) {
  rocksdb::Slice first(begin), behind(end);
  auto s = rocksdb::DeleteFilesInRange(&database.db(), database.topics(), &first, &behind, false);
  if (!s.ok()) log_warning("files of trimmed topics were not removed: " + s.ToString());
}

}  // namespace

status topic_trimming::trim(const rocksdb_database& database, topic_table& table,
                            const std::string& topic, std::uint32_t partition, topic_offset first) {
  std::lock_guard lock(one_at_a_time_);
  auto now = table.of(topic, partition);
  first = std::min(first, now.end.next);
  if (first <= now.first) return {};
  auto bytes_before = read_bytes_before(database, topic, partition, first, now.end);
  if (!bytes_before) return bytes_before.error();

  auto key = partition_prefix(topic, partition);
  auto& freed = freed_[key];
  bool frees_files = *bytes_before >= freed + freed_at_a_time;
  rocksdb::WriteBatch batch;
  // A file that is removed may have held marks of earlier trimmings, so this one covers all.
  auto begin = message_key(topic, partition, frees_files ? topic_offset{0} : now.first);
  auto end = message_key(topic, partition, first);
  PERDURE_CHECK(batch.DeleteRange(database.topics(), begin, end).ok());
  PERDURE_CHECK(
      batch.Put(database.topics(), key, encode_trimmed(key, {first, *bytes_before})).ok());
  // What a power cut takes of it is done again, but for files, which do not come back.
  rocksdb::WriteOptions options;
  options.sync = frees_files;
  auto s = database.db().Write(options, &batch);
  if (!s.ok()) {
    log_error("topic \"" + topic + "\" could not be trimmed: " + s.ToString());
    return {status_code::unavailable, "the store could not be written"};
  }
  table.trimmed(topic, partition, first);
  if (frees_files) {
    freed = *bytes_before;
    remove_files(database, begin, end);
  }
  return {};
}

bool topic_trimming::is_gone(const topic_table& table, const std::string& topic,
                             std::uint32_t partition, topic_offset offset) const {
  std::lock_guard lock(one_at_a_time_);
  return offset < table.of(topic, partition).first;
}

}  // namespace perdure::persistence
