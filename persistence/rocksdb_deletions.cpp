// The content of deleted entities is taken out of the log: each of their events is written anew
// without it, and its index entry, which nothing reads any more, is removed. The entry leads to the
// event, so both change in one write.

#include "persistence/rocksdb_deletions.hpp"

#include <rocksdb/write_batch.h>

#include <string>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "persistence/rocksdb_records.hpp"

namespace perdure::persistence {
namespace {

// So that a write of ours holds up no commit that comes behind it.
constexpr std::size_t events_per_write = 128;

// Writes the event anew without its content. What is damaged stays, to be noticed by who reads it.
status stage_dropped(const rocksdb_database& database, const std::string& in_log,
                     rocksdb::WriteBatch& batch) {
  rocksdb::PinnableSlice value;
  auto s = database.db().Get(rocksdb::ReadOptions(), database.log(), in_log, &value);
  if (s.IsNotFound() || s.IsCorruption()) return {};
  if (!s.ok()) return read_failure(s, "an event of a deleted entity (column family log)");
  auto record = decode_event(in_log, view(value));
  if (!record) return {};
  PERDURE_CHECK(batch.Put(database.log(), in_log, encode_dropped_event(in_log, *record)).ok());
  return {};
}

}  // namespace

result<std::optional<pending_deletion>> read_pending_deletion(const rocksdb_database& from,
                                                              queue_front& front,
                                                              timestamp before) {
  auto begun = front.begin();
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator({}, from.deleted()));
  for (it->Seek(deletion_key({begun.from}, {})); it->Valid(); it->Next()) {
    auto place = place_of_deletion_key(view(it->key()));
    auto sequence = decode_number(record_kind::deletion, view(it->key()), view(it->value()));
    if (!place || !sequence) {
      // Its entity keeps its content: better than to take it from an entity that lives.
      log_error("a record of column family deleted cannot be read" +
                (sequence ? std::string() : ": " + sequence.error().message()));
      continue;
    }
    front.found(begun, place->time.bits);
    if (place->time.wall() > before) return std::optional<pending_deletion>{};
    return std::optional{pending_deletion{it->key().ToString(), std::move(place->entity),
                                          sequence_nr{*sequence}, sequence_nr{1}}};
  }
  if (!it->status().ok()) return read_failure(it->status(), "column family deleted");
  front.found(begun, UINT64_MAX);
  return std::optional<pending_deletion>{};
}

result<bool> drop_events_before(const rocksdb_database& database, pending_deletion& deletion) {
  auto shard = shard_of(deletion.entity.id, database.store().shard_count);
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator(options, database.index()));
  rocksdb::WriteBatch batch;
  std::size_t events = 0;
  bool is_done = true;
  for (it->Seek(index_key(deletion.entity, deletion.next)); it->Valid(); it->Next()) {
    auto sequence = sequence_of_index_key(view(it->key()));
    if (sequence >= deletion.sequence) break;
    if (events++ == events_per_write) {
      is_done = false;
      deletion.next = sequence;
      break;
    }
    if (auto offset = decode_index(view(it->key()), view(it->value()))) {
      auto staged = stage_dropped(database, log_key(shard, *offset), batch);
      if (!staged.ok()) return staged;
    }
    PERDURE_CHECK(batch.Delete(database.index(), it->key()).ok());
  }
  if (!it->status().ok()) {
    return read_failure(it->status(), to_string(deletion.entity) + " (column family index)");
  }
  if (is_done) PERDURE_CHECK(batch.Delete(database.deleted(), deletion.key).ok());
  // Not synced: what a power cut takes of it is done again.
  auto s = database.db().Write(rocksdb::WriteOptions(), &batch);
  if (!s.ok()) {
    log_error("the content of a deleted entity could not be dropped: " + s.ToString());
    return status(status_code::unavailable, "the store could not be written");
  }
  return !is_done;
}

}  // namespace perdure::persistence
