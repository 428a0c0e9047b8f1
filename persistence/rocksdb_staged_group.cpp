// A group of steps as one write batch: the records of each step, in the bytes of rocksdb_keys and
// rocksdb_records. Nothing here allocates memory for a step like those before it.

#include "persistence/rocksdb_staged_group.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "persistence/rocksdb_records.hpp"

namespace perdure::persistence {

void staged_group::stage(const rocksdb_database& database, const step& s, shard_id shard,
                         log_offset& next) {
  key_ = entity_prefix(s.entity, std::move(key_));
  auto prefix_bytes = key_.size();
  PERDURE_CHECK(s.kind == step_kind::event_sourced || s.events.size() <= 1);
  auto sequence = s.expected;
  for (const auto& event : s.events) {
    PERDURE_CHECK(!event.is_deletion() || &event == &s.events.back());
    sequence = sequence + 1;
    auto in_log = log_key(shard, next);
    value_ = encode_event(in_log, s, sequence, event, std::move(value_));
    put(database.log(), in_log);
    auto offset = std::exchange(next, next + 1);
    if (s.kind == step_kind::key_value) continue;  // its state says which event is the last
    append_u64(key_, value(sequence));
    value_ = encode_index(key_, offset, std::move(value_));
    put(database.index(), key_);
    key_.resize(prefix_bytes);
  }
  bool is_deleted = !s.events.empty() && s.events.back().is_deletion();
  if (is_deleted || s.kind == step_kind::key_value) {
    stage_state(database, s);
  } else if (s.snapshot) {
    value_ = encode_snapshot(key_, sequence, *s.snapshot, std::move(value_));
    put(database.snapshot(), key_);
  }
  if (s.key) {
    append_reply_key(key_, *s.key);
    value_ = encode_reply(key_, s.time, s.reply, std::move(value_));
    put(database.replies(), key_);
  }
}

// The last event of `s` as the state of its entity, whose prefix is in key_.
void staged_group::stage_state(const rocksdb_database& database, const step& s) {
  if (s.events.empty()) return;
  value_ = encode_state(key_, s, std::move(value_));
  put(database.snapshot(), key_);
  if (s.kind == step_kind::key_value) return;
  // What was before the deletion stays in the log for a while.
  auto in_queue = deletion_key(s.time, key_);
  value_ = encode_number(record_kind::deletion, in_queue, value(s.last()), std::move(value_));
  put(database.deleted(), in_queue);
  first_deletion_ = std::min(first_deletion_, s.time);
}

void staged_group::put(rocksdb::ColumnFamilyHandle* family, const std::string& key) {
  // A batch in memory without a bound refuses nothing.
  PERDURE_CHECK(batch_.Put(family, key, value_).ok());
}

}  // namespace perdure::persistence
