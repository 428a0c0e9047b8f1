#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "pubsub/kafka_client.hpp"
#include "pubsub/topic_writer.hpp"

// A transactional producer of a kafka_topic_writer, which is made anew at each take_over(). For
// kafka_* only.

namespace perdure::pubsub {

constexpr auto position_header = "perdure-position";

// One thread, but interrupt() and figures().
class kafka_producer {
 public:
  using written = topic_writer::written;
  using failure = topic_writer::failure;

  // The first two outlive it.
  kafka_producer(const kafka_settings& settings, const std::string& store_id, std::string id)
      : settings_(settings), store_id_(store_id), id_(std::move(id)) {}
  ~kafka_producer() { close(); }

  // As the verbs of topic_writer, but with the topic's name in Kafka.
  status take_over();
  status prepare(const std::string& kafka_name, std::uint32_t partitions);
  std::variant<written, failure> write(std::span<const outgoing_message> group);
  void interrupt() { interrupted_ = true; }

  kafka_figures figures() const;

 private:
  // What became of a message.
  struct delivery {
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__IN_PROGRESS;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
  };

  // How many messages go together. One that Kafka does not take fails all of its batch, so we
  // narrow down which it is; and where batches are larger than a topic takes, they stay small.
  enum class batching { large, small, single };

  void close();
  status create(const std::string& kafka_name, std::uint32_t partitions);
  status run(const std::string& tried, std::chrono::milliseconds for_at_most,
             const std::function<rd_kafka_error_t*(int)>& call);
  result<rd_kafka_topic_t*> handle_of(const std::string& kafka_name);
  status produce(std::span<const outgoing_message> group, std::size_t at);
  void send_all();
  status all_delivered() const;
  failure failed(status why, std::span<const outgoing_message> group);
  written tails_of(std::span<const outgoing_message> group) const;

  const kafka_settings& settings_;
  const std::string& store_id_;
  const std::string id_;  // the transactional
  batching batching_ = batching::large;
  std::atomic<bool> interrupted_{false};

  mutable std::mutex mutex_;  // of the client as such, for figures(), and of deliveries_
  std::unique_ptr<kafka_client> client_;
  std::vector<delivery> deliveries_;

  std::map<std::string, rd_kafka_topic_t*> topics_;  // by their names in Kafka
};

}  // namespace perdure::pubsub
