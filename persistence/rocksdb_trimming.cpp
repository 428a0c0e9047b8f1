// Messages are dropped by one mark for a range of keys, however many they are. With it is written
// where the partition begins from then on: when all of it was dropped, that is where it goes on.

#include "persistence/rocksdb_trimming.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_topic_reads.hpp"
#include "persistence/rocksdb_topic_records.hpp"

namespace perdure::persistence {

status topic_trimming::trim(const rocksdb_database& database, topic_table& table,
                            const std::string& topic, std::uint32_t partition, topic_offset first) {
  std::lock_guard lock(one_at_a_time_);
  auto now = table.of(topic, partition);
  first = std::min(first, now.end.next);
  if (first <= now.first) return {};
  auto bytes_before = read_bytes_before(database, topic, partition, first, now.end);
  if (!bytes_before) return bytes_before.error();

  rocksdb::WriteBatch batch;
  auto begin = message_key(topic, partition, now.first);
  auto end = message_key(topic, partition, first);
  PERDURE_CHECK(batch.DeleteRange(database.topics(), begin, end).ok());
  auto key = partition_prefix(topic, partition);
  PERDURE_CHECK(
      batch.Put(database.topics(), key, encode_trimmed(key, {first, *bytes_before})).ok());
  // Not synced: what a power cut takes of it is done again.
  auto s = database.db().Write(rocksdb::WriteOptions(), &batch);
  if (!s.ok()) {
    log_error("topic \"" + topic + "\" could not be trimmed: " + s.ToString());
    return {status_code::unavailable, "the store could not be written"};
  }
  table.trimmed(topic, partition, first);
  return {};
}

bool topic_trimming::is_gone(const topic_table& table, const std::string& topic,
                             std::uint32_t partition, topic_offset offset) const {
  std::lock_guard lock(one_at_a_time_);
  return offset < table.of(topic, partition).first;
}

}  // namespace perdure::persistence
