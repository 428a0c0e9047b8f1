#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "pubsub/kafka_figures.hpp"
#include "pubsub/kafka_settings.hpp"
#include "pubsub/topic_writer.hpp"

// Writes to topics in Kafka by transactions, always under the same two transactional ids: whoever
// has taken over last is the only one that can write, and what others had left open is aborted.
//
// Two, by turns: when one has committed, Kafka still writes its markers, and until they stand there
// takes no more from it, while the other may begin. It does not before the first has committed, so
// order stays.
//
// Each record carries its place in our log in the header "perdure-position":
// "<id of the store>/<shard>/<offset>".

namespace perdure::pubsub {

class kafka_producer;

class kafka_topic_writer final : public topic_writer {
 public:
  struct settings {
    kafka_settings kafka;
    // Of the store whose messages these are: no two stores have the same. The transactional ids are
    // "perdure." and this, and the same with ".2" behind it.
    std::string store_id;
  };

  // Speaks to nobody yet. INVALID_ARGUMENT: kafka_mistake().
  static result<std::unique_ptr<kafka_topic_writer>> open(settings with);
  ~kafka_topic_writer() override;

  status take_over() override;
  status prepare(const std::string& topic, std::uint32_t partitions) override;
  result<known_tails> ends(const std::string& topic) override;
  result<std::map<std::uint32_t, topic_offset>> find_written(const std::string& topic,
                                                             const known_tails& tails) override;
  std::variant<written, failure> write(std::span<const outgoing_message> group) override;
  void interrupt() override;

  // Any thread.
  kafka_figures figures() const;

 private:
  explicit kafka_topic_writer(settings with);

  const settings with_;
  const std::array<std::unique_ptr<kafka_producer>, 2> producers_;
  std::size_t turn_ = 0;  // whose it is
};

}  // namespace perdure::pubsub
