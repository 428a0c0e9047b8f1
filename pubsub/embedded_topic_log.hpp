#pragma once

#include <string>

#include "persistence/topic_store.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/topic_log.hpp"
#include "pubsub/waiting_reads.hpp"

// The topics that stand in the process' own store. What is published there stands in the log with
// the step that publishes it: there is nothing to relay.

namespace perdure::pubsub {

// Any thread. Stop the readers before it is destroyed.
class embedded_topic_log final : public topic_log {
 public:
  // All outlive this, and what runs elsewhere.
  embedded_topic_log(persistence::topic_store& store, growth& grown, run_elsewhere elsewhere);

  // As many as the store has shards, of every name.
  result<std::uint32_t> partitions(const std::string& topic) override;
  result<partition_bounds> bounds(const std::string& topic, std::uint32_t partition) override;
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                 timestamp time) override;
  void read(const std::string& reader, const std::string& topic, std::uint32_t partition,
            topic_offset from, std::size_t bytes_max, on_page tell) override;
  void stop(const std::string& reader) override;

 private:
  persistence::topic_store& store_;
  waiting_reads reads_;
};

}  // namespace perdure::pubsub
