#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/topic_store.hpp"

// Drops what embedded topics need not keep any more.

namespace perdure::pubsub {

// One thread at a time.
class topic_retention {
 public:
  // The store outlives this.
  topic_retention(persistence::topic_store& store, std::chrono::milliseconds age_max,
                  std::uint64_t partition_bytes_max);

  // Drops messages that are older than the retention, and the oldest of a partition that has more
  // bytes than it may have.
  //   any  as of topic_store; of the first that failed. The others were gone through
  status run(timestamp now);

 private:
  status trim(const std::string& topic, std::uint32_t partition, timestamp oldest);
  result<topic_offset> first_within_bytes(const std::string& topic, std::uint32_t partition,
                                          persistence::topic_bounds bounds);

  persistence::topic_store& store_;
  const std::chrono::milliseconds age_max_;
  const std::uint64_t partition_bytes_max_;
};

}  // namespace perdure::pubsub
