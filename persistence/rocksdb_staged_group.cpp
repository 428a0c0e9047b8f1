// A group of steps as one write batch: the records of each step, in the bytes of rocksdb_keys and
// rocksdb_records. Nothing here allocates memory for a step like those before it.

#include "persistence/rocksdb_staged_group.hpp"

#include <utility>

#include "base/check.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_records.hpp"

namespace perdure::persistence {

void staged_group::stage(const rocksdb_database& database, const step& s, shard_id shard,
                         log_offset& next) {
  key_ = entity_prefix(s.entity, std::move(key_));
  auto prefix_bytes = key_.size();
  auto sequence = s.expected;
  for (const auto& event : s.events) {
    sequence = sequence + 1;
    auto in_log = log_key(shard, next);
    value_ = encode_event(in_log, s, sequence, event, std::move(value_));
    put(database.log(), in_log);
    append_u64(key_, value(sequence));
    value_ = encode_index(key_, next, std::move(value_));
    put(database.index(), key_);
    key_.resize(prefix_bytes);
    next = next + 1;
  }
  if (s.snapshot) {
    value_ = encode_snapshot(key_, sequence, *s.snapshot, std::move(value_));
    put(database.snapshot(), key_);
  }
  if (s.key) {
    append_reply_key(key_, *s.key);
    value_ = encode_reply(key_, s.time, s.reply, std::move(value_));
    put(database.replies(), key_);
  }
}

void staged_group::put(rocksdb::ColumnFamilyHandle* family, const std::string& key) {
  // A batch in memory without a bound refuses nothing.
  PERDURE_CHECK(batch_.Put(family, key, value_).ok());
}

}  // namespace perdure::persistence
