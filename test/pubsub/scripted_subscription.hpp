#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "test/pubsub/scripted_log.hpp"
#include "test/pubsub/subscription_fixture.hpp"

// A subscription to a topic that is as the test says.

namespace perdure::test {

struct scripted {
  scripted_log topic{2};
};

// Two partitions; keys stand where the test puts them.
struct scripted_fixture : scripted, subscription_fixture {
  scripted_fixture() : subscription_fixture(&topic) {}

  ~scripted_fixture() {
    if (running) stop();
  }

  void add(std::uint32_t partition, const std::string& key, const std::string& payload,
           std::uint64_t sequence = 0) {
    pubsub::topic_record record;
    record.key = key;
    record.payload = payload;
    record.time = clock.now();
    if (sequence > 0) {
      record.headers = {{"ce-source", "s"},
                        {"ce-id", "cart/" + key + "/" + std::to_string(sequence)},
                        {"ce-sequence", std::to_string(sequence)}};
    }
    topic.add(partition, std::move(record));
    if (running) run();
  }
};

inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace perdure::test
