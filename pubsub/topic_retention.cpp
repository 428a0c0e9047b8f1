// How long embedded topics keep what was published: as long, and as much, as they are told.

#include "pubsub/topic_retention.hpp"

#include <algorithm>

namespace perdure::pubsub {

status topic_retention::run(timestamp now) {
  status failed;
  // A time before 1970 is older than all.
  auto oldest = now - std::min(with_.age_max, now.time_since_epoch());
  for (const auto& topic : store_.topics()) {
    if (with_.only && topic != *with_.only) continue;
    for (std::uint32_t partition = 0; partition < store_.shard_count(); ++partition) {
      auto trimmed = trim(topic, partition, oldest);
      if (failed.ok()) failed = trimmed;
    }
  }
  return failed;
}

status topic_retention::trim(const std::string& topic, std::uint32_t partition, timestamp oldest) {
  auto there = store_.bounds(topic, partition);
  if (there.first == there.end) return {};
  auto by_age = store_.offset_at(topic, partition, oldest);
  if (!by_age) return by_age.error();
  // The first from which on it is little enough, by halves.
  auto first = value(std::max(*by_age, there.first));
  auto high = value(there.end);
  for (auto at = first; first < high; at = first + (high - first) / 2) {
    auto bytes = store_.bytes_from(topic, partition, topic_offset{at});
    if (!bytes) return bytes.error();
    if (*bytes <= with_.partition_bytes_max) {
      high = at;
    } else {
      first = at + 1;
    }
  }
  return first > value(there.first) ? store_.trim_topic(topic, partition, topic_offset{first})
                                    : status();
}

}  // namespace perdure::pubsub
