#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "perdure/status.hpp"
#include "pubsub/kafka_configuration.hpp"
#include "pubsub/kafka_figures.hpp"

// One client of librdkafka: its life, its log, its figures, and what its errors mean. For kafka_*
// only.

namespace perdure::pubsub {

// Any thread.
class kafka_client {
 public:
  // One for each message that was produced, on the thread that serves.
  using on_delivery = std::function<void(const rd_kafka_message_t&)>;

  // Something is amiss that no call and no message tells, such as that a topic is gone, with the
  // reason for people; on the thread that serves.
  using on_trouble = std::function<void(rd_kafka_resp_err_t, std::string_view)>;

  struct settings {
    rd_kafka_type_t type = RD_KAFKA_PRODUCER;
    kafka_configuration configuration;
    on_delivery delivered = {};
    on_trouble amiss = {};
    // A thread of the client's own serves what it tells; else the owner polls.
    bool serves_itself = true;
  };

  // Speaks to nobody yet.
  //   INVALID_ARGUMENT  settings contradict each other, or a file cannot be read
  //   UNAVAILABLE       no thread could be started
  static result<std::unique_ptr<kafka_client>> open(settings with);

  // Drops what is under way.
  ~kafka_client();

  kafka_client(const kafka_client&) = delete;
  kafka_client& operator=(const kafka_client&) = delete;

  rd_kafka_t* get() const { return client_; }

  // Asks how many partitions a topic has; `kafka_name`, as Kafka calls it. Once it is OK the first
  // use of the topic is quick.
  //   NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE
  result<std::uint32_t> partitions(const std::string& kafka_name,
                                   std::chrono::milliseconds timeout) const;

  // What a partition holds: the first offset, and the end, which for a client of isolation level
  // read_committed is where what is undecided begins. Codes as partitions().
  struct offsets {
    std::int64_t first = 0;
    std::int64_t end = 0;
  };
  result<offsets> bounds(const std::string& kafka_name, std::uint32_t partition,
                         std::chrono::milliseconds timeout) const;

  // What an error means, with what was tried and, where nobody answers, what the client last
  // complained of.
  status status_of(rd_kafka_resp_err_t code, const std::string& tried,
                   const std::string& reason = "") const;

  // Takes `error`, which may be null: OK.
  status status_of(rd_kafka_error_t* error, const std::string& tried) const;

  kafka_figures figures() const;

 private:
  // What librdkafka's threads refer to.
  struct listener {
    on_delivery delivered;
    on_trouble amiss;
    mutable std::mutex mutex;  // of what follows
    std::string complaint;     // the last
    kafka_figures figures;

    void complain(int level, std::string_view facility, std::string text);
  };

  kafka_client() = default;
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque);
  static int on_statistics(rd_kafka_t* client, char* json, std::size_t size, void* opaque);
  static void on_message(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  void serve();

  std::shared_ptr<listener> listener_ = std::make_shared<listener>();
  rd_kafka_t* client_ = nullptr;
  std::thread server_;
  std::atomic<bool> ending_{false};
};

// Whether not all brokers have heard of a topic yet, so that it is worth asking again at once.
bool is_news_to_some(rd_kafka_resp_err_t error);

// The code of a status for an error of librdkafka's.
status_code code_of(rd_kafka_resp_err_t code);

using kafka_partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                         decltype(&rd_kafka_topic_partition_list_destroy)>;

kafka_partitions make_partitions(int size = 1);

}  // namespace perdure::pubsub
