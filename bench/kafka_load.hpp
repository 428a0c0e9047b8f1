#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "bench/load.hpp"

// Readings on their way to and from a Kafka: by our relay, and by librdkafka alone with the same
// messages (readings.hpp): the same keys, payloads, headers and number of partitions.

namespace perdure::bench {

// A producer of librdkafka that is idempotent and waits for all (acks=all), else as it comes. One
// thread gives it messages as fast as it takes them. A message counts when Kafka has acknowledged
// it.
class plain_producer final : public load {
 public:
  explicit plain_producer(const std::string& kafka);  // HOST:PORT
  ~plain_producer() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

// The event relay with a backlog that stood there before. A message counts when the transaction
// that holds it is committed and the relay's cursor behind it is durable. Counted are whole
// transactions, from the end of one to the end of another.
class relay_load final : public load {
 public:
  relay_load(const std::filesystem::path& folder, const std::string& kafka);
  ~relay_load() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

// A producer and a consumer of librdkafka as they come, and so many messages a second: how long
// each takes from one to the other.
class plain_latency final : public load {
 public:
  plain_latency(const std::string& kafka, int per_second);
  ~plain_latency() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
