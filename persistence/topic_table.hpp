#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "persistence/topic.hpp"

// The topics of a store and what their partitions hold, in short: what readers ask for whenever
// something may have come.

namespace perdure::persistence {

// Where the next message of a partition goes.
struct topic_end {
  topic_offset next{};
  std::uint64_t bytes = 0;  // of all messages before it, also of those that were trimmed
};

struct topic_partition {
  topic_offset first{};
  topic_end end;
};

using topic_partitions = std::map<std::string, std::vector<topic_partition>>;  // by topic

// Any thread. What the database holds is put here after it is durable.
class topic_table {
 public:
  // What is in the database, in place of all that is here.
  void replace(topic_partitions all);

  // The partitions of a topic, which may be new, have grown up to these ends.
  void grown(const std::string& topic, std::span<const topic_end> ends);

  // The messages before `first` are gone.
  void trimmed(const std::string& topic, std::uint32_t partition, topic_offset first);

  std::vector<std::string> topics() const;

  // All zero of a topic that is not there.
  topic_partition of(const std::string& topic, std::uint32_t partition) const;

 private:
  mutable std::mutex mutex_;
  topic_partitions topics_;
};

}  // namespace perdure::persistence
