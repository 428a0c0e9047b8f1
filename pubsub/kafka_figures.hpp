#pragma once

#include <cstdint>
#include <string_view>

// What a client of Kafka tells of itself, for metrics.

namespace perdure::pubsub {

struct kafka_figures {
  std::uint64_t sent_messages = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_messages = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t waiting_messages = 0;  // to be sent
  std::uint64_t request_errors = 0;    // timeouts included
  std::uint64_t round_trip_micros =
      0;  // of requests, at the 99th percentile, of the slowest broker

  kafka_figures& operator+=(const kafka_figures& other);
};

// From librdkafka's statistics, which are JSON; what is missing there is 0.
kafka_figures figures_of(std::string_view statistics);

}  // namespace perdure::pubsub
