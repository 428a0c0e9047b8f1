// What is read from RocksDB, and how damage is noticed: by checksum, by a key that must be there,
// by a number that must follow the one before.

#include "persistence/rocksdb_reads.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "base/check.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_reads.hpp"
#include "persistence/rocksdb_topic_reads.hpp"

namespace perdure::persistence {
namespace {

// Events fetched from the log at a time while a history is read.
constexpr std::size_t events_per_fetch = 64;

std::string text(std::uint64_t n) { return std::to_string(n); }

std::string place_in_log(shard_id shard, log_offset offset) {
  return "column family log, shard " + text(value(shard)) + ", offset " + text(value(offset));
}

std::string place_of_event(const entity_key& entity, sequence_nr sequence) {
  return to_string(entity) + ", event " + text(value(sequence));
}

std::string place_in_index(const entity_key& entity, sequence_nr sequence) {
  return place_of_event(entity, sequence) + " (column family index)";
}

std::string place_of_snapshot(const entity_key& entity) {
  return to_string(entity) + " (column family snapshot)";
}

std::string place_of_reply(const entity_key& entity, const idempotency_key& key) {
  return to_string(entity) + ", reply of " + key.method + " to idempotency key \"" + key.key +
         "\" (column family replies)";
}

status damaged(const std::string& place, const std::string& what) {
  return {status_code::data_loss, place + ": " + what};
}

status at(const std::string& place, const status& what) {
  return {what.code(), place + ": " + what.message()};
}

// An event of an entity and where the index says it stands.
struct index_entry {
  sequence_nr sequence;
  log_offset offset;
};

// The index entries of `entity` from `first` on, which must follow one another without a gap.
result<std::vector<index_entry>> read_index(const rocksdb_database& from, const entity_key& entity,
                                            sequence_nr first) {
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator(options, from.index()));
  std::vector<index_entry> entries;
  auto next = first;
  for (it->Seek(index_key(entity, first)); it->Valid(); it->Next(), next = next + 1) {
    auto sequence = sequence_of_index_key(view(it->key()));
    if (sequence != next) {
      return damaged(place_in_index(entity, next),
                     "the record is missing; the next is event " + text(value(sequence)));
    }
    auto offset = decode_index(view(it->key()), view(it->value()));
    if (!offset) return at(place_in_index(entity, next), offset.error());
    entries.push_back({sequence, *offset});
  }
  if (!it->status().ok()) return read_failure(it->status(), place_in_index(entity, next));
  return entries;
}

// Appends the events that `entries` point to.
status fetch_events(const rocksdb_database& from, const entity_key& entity,
                    std::span<const index_entry> entries, std::vector<stored_event>& events) {
  auto shard = shard_of(entity.id, from.store().shard_count);
  std::vector<std::string> keys;
  for (const auto& entry : entries) keys.push_back(log_key(shard, entry.offset));
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  from.db().MultiGet(rocksdb::ReadOptions(), from.log(), slices.size(), slices.data(),
                     values.data(), statuses.data(), true);

  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto place = [&] {
      return place_of_event(entity, entries[i].sequence) + " (" +
             place_in_log(shard, entries[i].offset) + ")";
    };
    if (!statuses[i].ok()) return read_failure(statuses[i], place());
    auto decoded = decode_event(keys[i], view(values[i]));
    if (!decoded) return at(place(), decoded.error());
    auto& event = decoded->event;
    if (event.entity != entity || event.sequence != entries[i].sequence) {
      return damaged(place(),
                     "the index points to " + place_of_event(event.entity, event.sequence));
    }
    events.push_back(std::move(event));
  }
  return {};
}

result<std::optional<snapshot_record>> read_snapshot(const rocksdb_database& from,
                                                     const entity_key& entity) {
  auto key = entity_prefix(entity);
  rocksdb::PinnableSlice value;
  auto s = from.db().Get(rocksdb::ReadOptions(), from.snapshot(), key, &value);
  if (s.IsNotFound()) return std::optional<snapshot_record>{};
  if (!s.ok()) return read_failure(s, place_of_snapshot(entity));
  auto decoded = decode_snapshot(key, view(value));
  if (!decoded) return at(place_of_snapshot(entity), decoded.error());
  return std::optional{*std::move(decoded)};
}

// What `snapshot` holds and the events after it.
result<history> read_history_from(const rocksdb_database& from, const entity_key& entity,
                                  const std::optional<snapshot_record>& snapshot) {
  history loaded;
  if (snapshot) loaded.snapshot = snapshot->state;
  if (snapshot && snapshot->is_key_value) return loaded;

  // Begins at the last event that the snapshot holds: it must be there, or events are missing.
  auto held = snapshot ? snapshot->state.sequence : sequence_nr{0};
  auto entries = read_index(from, entity, std::max(held, sequence_nr{1}));
  if (!entries) return entries.error();
  std::span<const index_entry> wanted = *entries;
  if (held != sequence_nr{0}) {
    if (wanted.empty()) {
      return damaged(place_of_event(entity, held) + " (column family index)",
                     "the record is missing, though the snapshot holds the event");
    }
    wanted = wanted.subspan(1);
  }
  loaded.events.reserve(wanted.size());
  while (!wanted.empty()) {
    auto fetched = wanted.first(std::min(wanted.size(), events_per_fetch));
    if (auto s = fetch_events(from, entity, fetched, loaded.events); !s.ok()) return s;
    wanted = wanted.subspan(fetched.size());
  }
  return loaded;
}

// A change of a key-value entity has its payload in the entity's state, unless a later change has
// replaced it.
status resolve(const rocksdb_database& from, stored_event& event) {
  auto record = read_snapshot(from, event.entity);
  if (!record) return record.error();
  if (!*record || (*record)->state.sequence < event.sequence) {
    return damaged(place_of_snapshot(event.entity),
                   "the record is missing, or older than event " + text(value(event.sequence)));
  }
  if ((*record)->state.sequence == event.sequence) {
    event.payload = std::move((*record)->state.payload);
  } else {
    event.superseded = true;
  }
  return {};
}

}  // namespace

// The snapshot is read first. When a deletion was committed since, what was before it may have been
// dropped, or is not to be loaded any more: then its snapshot is there too, to be read instead.
result<history> read_history(const rocksdb_database& from, const entity_key& entity) {
  auto snapshot = read_snapshot(from, entity);
  while (snapshot) {
    auto loaded = read_history_from(from, entity, *snapshot);
    bool is_damaged = !loaded && loaded.error().code() == status_code::data_loss;
    bool has_deletion = loaded && std::ranges::any_of(loaded->events, &stored_event::is_deletion);
    if (!is_damaged && !has_deletion) return loaded;

    auto again = read_snapshot(from, entity);
    if (!again) return again.error();
    bool is_later =
        *again && (!*snapshot || (*again)->state.sequence > (*snapshot)->state.sequence);
    if (!is_later && is_damaged) return loaded;
    if (!is_later) {
      return damaged(place_of_snapshot(entity), "the record of the entity's deletion is missing");
    }
    snapshot = std::move(again);
  }
  return snapshot.error();
}

result<std::optional<reply_record>> read_reply(const rocksdb_database& from,
                                               const entity_key& entity,
                                               const idempotency_key& key) {
  auto stored_key = reply_key(entity, key);
  rocksdb::PinnableSlice value;
  auto s = from.db().Get(rocksdb::ReadOptions(), from.replies(), stored_key, &value);
  if (s.IsNotFound()) return std::optional<reply_record>{};
  if (!s.ok()) return read_failure(s, place_of_reply(entity, key));
  auto decoded = decode_reply(stored_key, view(value));
  if (!decoded) return at(place_of_reply(entity, key), decoded.error());
  return std::optional{*std::move(decoded)};
}

result<std::vector<stored_event>> read_page(const rocksdb_database& from, shard_id shard,
                                            log_offset first, log_offset end,
                                            std::size_t bytes_max) {
  auto end_key = log_key(shard, end);
  rocksdb::Slice upper_bound(end_key);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator(options, from.log()));
  std::vector<stored_event> page;
  std::size_t bytes = 0;
  auto next = first;
  status failure;
  for (it->Seek(log_key(shard, first)); it->Valid(); it->Next(), next = next + 1) {
    auto offset = offset_of_log_key(view(it->key()));
    if (offset != next) {
      failure = damaged(place_in_log(shard, next),
                        "the record is missing; the next is offset " + text(value(offset)));
      break;
    }
    auto decoded = decode_event(view(it->key()), view(it->value()));
    if (!decoded) {
      failure = at(place_in_log(shard, next), decoded.error());
      break;
    }
    if (decoded->is_in_state) {
      failure = resolve(from, decoded->event);
      if (!failure.ok()) break;
    }
    bytes += bytes_of(decoded->event);
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back(std::move(decoded->event));
  }
  if (!it->status().ok()) failure = read_failure(it->status(), place_in_log(shard, next));
  if (!failure.ok() && page.empty()) return failure;
  return page;
}

result<sequence_nr> read_last_sequence(const rocksdb_database& from, const entity_key& entity,
                                       step_kind kind) {
  if (kind == step_kind::key_value) {
    auto record = read_snapshot(from, entity);
    if (!record) return record.error();
    if (*record && (*record)->is_key_value) return (*record)->state.sequence;
  }
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator(options, from.index()));
  it->SeekForPrev(index_key(entity, sequence_nr{UINT64_MAX}));
  if (it->Valid()) return sequence_of_index_key(view(it->key()));
  if (!it->status().ok()) {
    return read_failure(it->status(), to_string(entity) + " (column family index)");
  }
  return sequence_nr{0};
}

result<std::vector<log_offset>> read_next_offsets(const rocksdb_database& from) {
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator(rocksdb::ReadOptions(), from.log()));
  std::vector<log_offset> offsets;
  for (std::uint32_t n = 0; n < from.store().shard_count; ++n) {
    auto begin = log_key(shard_id{n}, log_offset{0});
    it->SeekForPrev(log_key(shard_id{n}, log_offset{UINT64_MAX}));
    bool has_events = it->Valid() && it->key().compare(begin) >= 0;
    offsets.push_back(has_events ? offset_of_log_key(view(it->key())) + 1 : log_offset{0});
    if (!it->status().ok()) {
      return read_failure(it->status(), "the end of the log of shard " + text(n));
    }
  }
  return offsets;
}

result<store_counters> read_counters(const rocksdb_database& from) {
  auto offsets = read_next_offsets(from);
  if (!offsets) return offsets.error();
  auto last_number = read_last_number(from);
  if (!last_number) return last_number.error();
  auto topics = read_all_topics(from);
  if (!topics) return topics.error();
  store_counters counters{*std::move(offsets), {}, *last_number, {}, {}};
  for (const auto& [topic, partitions] : *topics) {
    auto& ends = counters.topics[topic];
    for (const auto& p : partitions) ends.push_back(p.end);
  }
  for (std::uint32_t n = 0; n < from.store().shard_count; ++n) {
    auto relayed = read_relayed(from, shard_id{n});
    if (!relayed) return relayed.error();
    counters.relayed.push_back(*relayed);
  }
  return counters;
}

}  // namespace perdure::persistence
