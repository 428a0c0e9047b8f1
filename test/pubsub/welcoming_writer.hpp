#pragma once

#include "pubsub/topic_writer.hpp"

// Where all topics are and nothing stands in the way; what is written is for the test to say.

namespace perdure::test {

class welcoming_writer : public pubsub::topic_writer {
 public:
  status take_over() override { return {}; }
  status prepare(const std::string& /*topic*/, std::uint32_t /*partitions*/) override { return {}; }
  result<pubsub::known_tails> ends(const std::string& /*topic*/) override {
    return pubsub::known_tails{};
  }
  result<std::map<std::uint32_t, topic_offset>> find_written(
      const std::string& /*topic*/, const pubsub::known_tails& /*tails*/) override {
    return std::map<std::uint32_t, topic_offset>{};
  }
  void interrupt() override {}
};

}  // namespace perdure::test
