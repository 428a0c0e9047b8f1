#pragma once

#include <rocksdb/compaction_filter.h>

#include <chrono>
#include <memory>

#include "base/clock.hpp"

// Which records are past the retention of idempotency records, and how they are dropped.

namespace perdure::persistence {

inline bool has_expired(hybrid_time written, timestamp now, std::chrono::milliseconds retention) {
  return now - written.wall() > retention;
}

// Drops expired replies, and the records of commands that ended as long ago, when their file is
// compacted anyway, so that sweeping costs commits nothing. A damaged record stays, to be noticed
// when it is asked for. `clock` outlives them.
std::shared_ptr<rocksdb::CompactionFilter> expired_replies_filter(
    const perdure::clock& clock, std::chrono::milliseconds retention);
std::shared_ptr<rocksdb::CompactionFilter> expired_commands_filter(
    const perdure::clock& clock, std::chrono::milliseconds retention);

}  // namespace perdure::persistence
