#pragma once

#include <cstdint>
#include <string>

#include "base/ids.hpp"
#include "perdure/status.hpp"

// What the adapters of topic_log say in the same words.

namespace perdure::pubsub {

inline std::string place_in(const std::string& topic, std::uint32_t partition) {
  return "partition " + std::to_string(partition) + " of \"" + topic + "\"";
}

inline status no_such_partition(const std::string& topic, std::uint32_t partition) {
  return {status_code::invalid_argument, place_in(topic, partition) + " is not there"};
}

inline status out_of_range(const std::string& topic, std::uint32_t partition, topic_offset from,
                           topic_offset first, topic_offset end) {
  return {status_code::out_of_range, place_in(topic, partition) + " holds the offsets from " +
                                         std::to_string(value(first)) + " up to " +
                                         std::to_string(value(end)) + ", but is read from " +
                                         std::to_string(value(from))};
}

}  // namespace perdure::pubsub
