#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pubsub/kafka_figures.hpp"
#include "pubsub/kafka_settings.hpp"
#include "pubsub/topic_log.hpp"

// Topics in Kafka, read: only what was committed, in no consumer group, since partitions and
// offsets are the subscription's business. Each reader has a connection and a thread of its own.
//
// While Kafka is away a reading waits, or is told UNAVAILABLE, and the next one goes on by itself.

namespace perdure::pubsub {

class kafka_client;
class kafka_reader;

class kafka_topic_log final : public topic_log {
 public:
  // Speaks to nobody yet. INVALID_ARGUMENT: kafka_mistake().
  static result<std::unique_ptr<kafka_topic_log>> open(const kafka_settings& settings);

  // Stops all readers, and waits for them. Not inside what is told.
  ~kafka_topic_log() override;

  result<std::uint32_t> partitions(const std::string& topic) override;
  result<partition_bounds> bounds(const std::string& topic, std::uint32_t partition) override;
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                 timestamp time) override;

  void read(const std::string& reader, const std::string& topic, std::uint32_t partition,
            topic_offset from, std::size_t bytes_max, on_page tell) override;
  void stop(const std::string& reader) override;

  // Shown in the consumer group of the settings' prefix and the reader's name, a second later.
  void consumed(const std::string& reader, const std::string& topic, std::uint32_t partition,
                topic_offset next) override;

  // Of all clients together. Any thread.
  kafka_figures figures() const;

 private:
  explicit kafka_topic_log(const kafka_settings& settings);
  status check(const std::string& kafka_name, std::uint32_t partition);

  const kafka_settings settings_;
  std::unique_ptr<kafka_client> asker_;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<kafka_reader>> readers_;
  std::vector<std::shared_ptr<kafka_reader>> stopped_;  // whose threads may still be ending
};

}  // namespace perdure::pubsub
