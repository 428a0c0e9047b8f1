#pragma once

#include <optional>

#include "base/clock.hpp"
#include "persistence/queue_front.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/step.hpp"

// Forgetting what event sourced entities held before they were deleted. Beside commits: they touch
// nothing of an entity that stands before its deletion. Any thread, one at a time.

namespace perdure::persistence {

// A deletion whose entity's earlier events still have their content.
struct pending_deletion {
  std::string key;  // in column family `deleted`
  entity_key entity;
  sequence_nr sequence;  // the deletion's
  sequence_nr next;      // where dropping goes on
};

// The first of those that were made at `before` or earlier; nullopt when there is none.
result<std::optional<pending_deletion>> read_pending_deletion(const rocksdb_database& from,
                                                              queue_front& front, timestamp before);

// Drops the content of some of its events, and the deletion from those that are pending with the
// last of them. Each call is one write, and what is left is found again after a crash at any point.
// Whether there is more to do.
result<bool> drop_events_before(const rocksdb_database& database, pending_deletion& deletion);

}  // namespace perdure::persistence
