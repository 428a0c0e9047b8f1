#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "persistence/step_store.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/topic_log.hpp"
#include "pubsub/waiting_reads.hpp"

// The events of entities, straight from the logs of the store that has them. A "topic" is a type of
// entity by its name in the store, its partitions are the store's shards, its offsets those of the
// shards' logs. Other types stand in between: a page's `next` is past them.
//
// Of a key-value entity a change that a later one has replaced has no content any more and is
// passed over: who is slow misses states in between, never the last. So are the events of an entity
// that was deleted longer ago than their content is kept. A deletion is a tombstone.

namespace perdure::pubsub {

// Any thread. Stop the readers before it is destroyed.
class entity_log final : public topic_log {
 public:
  // `source`: the service, of ce-source. The others outlive this, and what runs elsewhere.
  entity_log(persistence::step_store& store, std::string source, growth& grown,
             run_elsewhere elsewhere);

  result<std::uint32_t> partitions(const std::string& entity_type) override;
  result<partition_bounds> bounds(const std::string& entity_type, std::uint32_t shard) override;

  // Finds it by halves: of the times of a shard's log only those of steps that were decided at the
  // same time are out of order.
  result<topic_offset> offset_at(const std::string& entity_type, std::uint32_t shard,
                                 timestamp time) override;
  void read(const std::string& reader, const std::string& entity_type, std::uint32_t shard,
            topic_offset from, std::size_t bytes_max, on_page tell) override;
  void stop(const std::string& reader) override;

 private:
  result<log_offset> end_of(shard_id shard);

  persistence::step_store& store_;
  const persistence::topic_store* const
      with_ends_;  // the same; null: its ends are found by reading
  const std::string source_;
  std::vector<std::atomic<std::uint64_t>> known_ends_;  // as they were last found
  waiting_reads reads_;
};

}  // namespace perdure::pubsub
