#pragma once

#include <filesystem>
#include <string>

namespace perdure::bench {

// A Kafka of its own, by scripts/kafka-local: a broker on 127.0.0.1 with its data in `folder`. It
// ends with the object, or with this process.
class kafka_process {
 public:
  // Throws std::runtime_error where Kafka cannot be had, or does not start.
  explicit kafka_process(std::filesystem::path folder);
  ~kafka_process();

  kafka_process(const kafka_process&) = delete;
  kafka_process& operator=(const kafka_process&) = delete;

  const std::string& address() const { return address_; }  // HOST:PORT

 private:
  const std::filesystem::path folder_;
  std::string address_;
};

}  // namespace perdure::bench
