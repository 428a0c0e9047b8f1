#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "persistence/topic_table.hpp"

namespace perdure::persistence {

// What the thread that commits counts, including what is staged. Worth nothing after a failed write
// until it is read anew.
struct store_counters {
  std::vector<log_offset> next_offsets;  // by shard
  std::vector<outbox_offset> relayed;    // by shard
  // Given to a mail as its position, or to a timer as its version. Never goes back, also when what
  // it was given to has failed.
  std::uint64_t last_number = 0;
  std::unordered_map<std::string, std::vector<topic_end>> topics;  // by partition
  std::unordered_map<std::string, topic_offset> cursors;  // those asked for, by key in `readers`
};

}  // namespace perdure::persistence
