#pragma once

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pubsub/kafka_settings.hpp"
#include "test/persistence/samples.hpp"

// A real Kafka for a test: a broker of its own on 127.0.0.1, its data in a folder of its own. It
// ends with the object, or with the process. Starting one takes some two seconds, so those of a
// suite share one.

namespace perdure::test {

struct kafka_record {
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  std::int64_t time = 0;  // in milliseconds
  std::optional<std::string> key;
  std::optional<std::string> payload;
  std::vector<std::pair<std::string, std::string>> headers;

  std::string header(const std::string& name) const;  // empty: it has none
};

class kafka_server {
 public:
  // `arguments` of scripts/kafka-local start: "--set", "message.max.bytes=1000".
  explicit kafka_server(std::vector<std::string> arguments = {}, std::string version = "");
  ~kafka_server();
  kafka_server(const kafka_server&) = delete;
  kafka_server& operator=(const kafka_server&) = delete;

  const std::string& address() const { return address_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  // How to connect to it; no waits of a test are long.
  pubsub::kafka_settings settings() const;

  void kill();   // as kill -9; waits until it has gone
  void stop();   // as SIGTERM
  void start();  // again, with what its folder holds, on the same port

  // What a client that is none of ours does. Failing fails the test.
  void create_topic(const std::string& name, int partitions,
                    const std::map<std::string, std::string>& config = {});
  void delete_topic(const std::string& name);
  void add_partitions(const std::string& name, int total);
  void delete_records(const std::string& name, std::uint32_t partition, std::uint64_t before);
  void produce(const std::string& topic, const std::vector<kafka_record>& records);
  // All that is committed now, by partition and offset.
  std::vector<kafka_record> records(const std::string& topic);
  // Of a consumer group; nullopt: none is committed.
  std::optional<std::uint64_t> committed(const std::string& group, const std::string& topic,
                                         std::uint32_t partition);

 private:
  void run(const std::string& words, bool must_work = true) const;

  temporary_folder folder_;
  std::vector<std::string> arguments_;
  std::string version_;
  std::string address_;
  std::shared_ptr<void> producer_;  // of produce()
  bool runs_ = false;
};

// The one that all cases of a suite share. Whoever stops it starts it again.
kafka_server& shared_kafka();

// A writer of none of ours that has written to a topic, and does not say whether it meant it: ends
// without a word with the last that refers to it.
std::shared_ptr<void> open_transaction(const kafka_server& server, const std::string& topic,
                                       std::chrono::milliseconds timeout);

// A name for a topic that no other case has.
std::string new_topic_name();

// Waits until it is so; fails the test when that takes too long.
void wait_until(const std::string& what, const std::function<bool()>& is_so);

// For a suite: skips it, with the reason, where Kafka cannot be had.
boost::test_tools::assertion_result has_kafka(boost::unit_test::test_unit_id);

// The same with the last version that librdkafka 2.0 can log in to by SCRAM: Kafka 4 refuses what
// it says.
constexpr auto kafka_for_scram = "3.9.2";
boost::test_tools::assertion_result has_kafka_for_scram(boost::unit_test::test_unit_id);

// A port that nobody listens on now.
std::uint16_t free_port();

}  // namespace perdure::test
