// What a group of steps publishes, and how far its readers got, in the bytes of rocksdb_keys and
// rocksdb_topic_records. A message costs one record and reads nothing.

#include "persistence/rocksdb_staged_topics.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "persistence/rocksdb_topic_reads.hpp"
#include "persistence/rocksdb_topic_records.hpp"
#include "persistence/topic_check.hpp"

namespace perdure::persistence {

status staged_topics::check(const rocksdb_database& database, store_counters& counters,
                            const step& s) {
  return check_moves(s.mail->topics.cursors, [&](const cursor_move& m) -> result<topic_offset> {
    key_ = cursor_key(m.reader, m.partition, std::move(key_));
    if (auto known = counters.cursors.find(key_); known != counters.cursors.end()) {
      return known->second;
    }
    auto read = read_cursor(database, key_);
    if (read) counters.cursors.emplace(key_, *read);
    return read;
  });
}

void staged_topics::stage(const rocksdb_database& database, const step& s,
                          store_counters& counters) {
  auto& effects = s.mail->topics;
  if (!effects.messages.empty()) stage_messages(database, effects, s.time.wall(), counters);
  for (const auto& c : effects.cursors) {
    key_ = cursor_key(c.reader, c.partition, std::move(key_));
    counters.cursors[key_] = c.next;
    put_number(database.readers(), record_kind::cursor, value(c.next));
  }
  for (const auto& reader : effects.forget_seen) {
    auto begin = reader_prefix(reader);
    PERDURE_CHECK(batch_.DeleteRange(database.seen(), begin, behind_text(begin)).ok());
  }
  for (const auto& seen : effects.seen) {
    key_ = seen_key(seen, std::move(key_));
    put_number(database.seen(), record_kind::seen, seen.sequence);
  }
  for (const auto& change : effects.held) stage_held(database, change);
  for (const auto& pause : effects.pauses) {
    key_ = reader_prefix(pause.reader, std::move(key_));
    if (pause.is_paused) {
      put_number(database.readers(), record_kind::pause, 1);
    } else {
      PERDURE_CHECK(batch_.Delete(database.readers(), key_).ok());
    }
  }
}

void staged_topics::stage_messages(const rocksdb_database& database, topic_effects& effects,
                                   timestamp time, store_counters& counters) {
  auto shard_count = database.store().shard_count;
  effects.positions.clear();
  effects.positions.reserve(effects.messages.size());
  for (const auto& m : effects.messages) {
    auto& [topic, ends] = *counters.topics.try_emplace(m.topic, shard_count).first;
    auto same = [&ends = ends](const auto& g) { return g.second == &ends; };
    if (std::ranges::none_of(grown_, same)) grown_.push_back({&topic, &ends});
    auto partition = partition_of(m, shard_count);
    auto& end = ends[partition];
    key_ = message_key(topic, partition, end.next, std::move(key_));
    value_ = encode_message(key_, m, time, end.bytes, std::move(value_));
    put(database.topics());
    effects.positions.push_back(end.next);
    end = {end.next + 1, end.bytes + bytes_of(m)};
  }
}

void staged_topics::stage_held(const rocksdb_database& database, const held_change& change) {
  key_ = held_key(change.place, std::move(key_));
  if (!change.set) {
    PERDURE_CHECK(batch_.Delete(database.held(), key_).ok());
    return;
  }
  value_ = encode_held(key_, *change.set, std::move(value_));
  put(database.held());
}

void staged_topics::show(topic_table& topics) const {
  for (const auto& [topic, ends] : grown_) topics.grown(*topic, *ends);
}

void staged_topics::put(rocksdb::ColumnFamilyHandle* family) {
  PERDURE_CHECK(batch_.Put(family, key_, value_).ok());
}

void staged_topics::put_number(rocksdb::ColumnFamilyHandle* family, record_kind kind,
                               std::uint64_t n) {
  value_ = encode_number(kind, key_, n, std::move(value_));
  put(family);
}

}  // namespace perdure::persistence
