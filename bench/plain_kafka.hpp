#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

// librdkafka as anybody would use it.

namespace perdure::bench {

struct kafka_deleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
template <class T>
using kafka_owned = std::unique_ptr<T, kafka_deleter>;

struct client_settings {
  std::string kafka;  // HOST:PORT
  std::map<std::string, std::string> properties = {};
  void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr;
  void* opaque = nullptr;  // of `delivered`
};

// All throw std::runtime_error.
kafka_owned<rd_kafka_t> open_client(rd_kafka_type_t type, const client_settings& with);
void create_topic(rd_kafka_t* client, const std::string& name, int partitions);
kafka_owned<rd_kafka_topic_t> open_topic(rd_kafka_t* client, const std::string& name);

// The readings 0 to `count` - 1 as our relay would write them, made beforehand.
class prepared_readings {
 public:
  explicit prepared_readings(std::uint64_t count);

  std::uint64_t count() const { return messages_.size(); }

  // Gives one to a producer; false: its queue is full.
  bool produce(rd_kafka_t* producer, rd_kafka_topic_t* to, std::uint64_t number) const;

 private:
  struct message {
    std::string key;
    std::string payload;
    kafka_owned<rd_kafka_headers_t> headers;
  };
  std::vector<message> messages_;
};

}  // namespace perdure::bench
