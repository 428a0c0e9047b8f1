#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.hpp"

namespace perdure::persistence {

// What the thread that commits counts, including what is staged. Worth nothing after a failed write
// until it is read anew.
struct store_counters {
  std::vector<log_offset> next_offsets;  // by shard
  std::vector<outbox_offset> relayed;    // by shard
  // Given to a mail as its position, or to a timer as its version. Never goes back, also when what
  // it was given to has failed.
  std::uint64_t last_number = 0;
};

}  // namespace perdure::persistence
