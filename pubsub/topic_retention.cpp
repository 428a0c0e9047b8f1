// How embedded topics are kept from growing for ever. The host runs it now and then; readers that
// have not come so far find OUT_OF_RANGE and go on with what is left.

#include "pubsub/topic_retention.hpp"

#include <algorithm>

namespace perdure::pubsub {

topic_retention::topic_retention(persistence::topic_store& store, std::chrono::milliseconds age_max,
                                 std::uint64_t partition_bytes_max)
    : store_(store), age_max_(age_max), partition_bytes_max_(partition_bytes_max) {}

status topic_retention::run(timestamp now) {
  status first;
  for (const auto& topic : store_.topics()) {
    for (std::uint32_t partition = 0; partition < store_.shard_count(); ++partition) {
      auto trimmed = trim(topic, partition, now - age_max_);
      if (first.ok() && !trimmed.ok()) first = trimmed;
    }
  }
  return first;
}

status topic_retention::trim(const std::string& topic, std::uint32_t partition, timestamp oldest) {
  auto bounds = store_.bounds(topic, partition);
  if (bounds.first == bounds.end) return {};
  auto young = store_.offset_at(topic, partition, oldest);
  if (!young.ok()) return young.error();
  auto within = first_within_bytes(topic, partition, bounds);
  if (!within.ok()) return within.error();
  auto first = std::max(*young, *within);
  return first > bounds.first ? store_.trim_topic(topic, partition, first) : status();
}

// By halves: fewer bytes stand behind a later offset. Asked for the first one first, since nearly
// always it is that.
result<topic_offset> topic_retention::first_within_bytes(const std::string& topic,
                                                         std::uint32_t partition,
                                                         persistence::topic_bounds bounds) {
  auto low = bounds.first;
  auto high = bounds.end;
  for (auto middle = low; low < high; middle = low + (value(high) - value(low)) / 2) {
    auto bytes = store_.bytes_from(topic, partition, middle);
    if (!bytes.ok()) return bytes.error();
    *bytes > partition_bytes_max_ ? low = middle + 1 : high = middle;
  }
  return low;
}

}  // namespace perdure::pubsub
