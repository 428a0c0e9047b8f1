#pragma once

#include <optional>
#include <vector>

#include "persistence/rocksdb_counters.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/step.hpp"

// The reading half of the RocksDB adapter. Each function may run beside a commit: what a commit
// stores becomes visible all at once, and nothing that is read here is ever changed but the
// snapshot, which is read first, and what stands before a deletion. Codes as for step_store's
// reading verbs.

namespace perdure::persistence {

result<history> read_history(const rocksdb_database& from, const entity_key& entity);

result<std::optional<reply_record>> read_reply(const rocksdb_database& from,
                                               const entity_key& entity,
                                               const idempotency_key& key);

// The events of a shard from `first` on, before `end`.
result<std::vector<stored_event>> read_page(const rocksdb_database& from, shard_id shard,
                                            log_offset first, log_offset end,
                                            std::size_t bytes_max);

// The number of the last event of an entity; 0 when it has none.
result<sequence_nr> read_last_sequence(const rocksdb_database& from, const entity_key& entity,
                                       step_kind kind);

// Where the log of each shard ends.
result<std::vector<log_offset>> read_next_offsets(const rocksdb_database& from);

// Where the thread that commits goes on counting.
result<store_counters> read_counters(const rocksdb_database& from);

}  // namespace perdure::persistence
