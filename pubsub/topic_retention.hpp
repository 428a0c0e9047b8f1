#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/topic_store.hpp"

// Drops what embedded topics need not keep any longer. Not of topics that are relayed: what waits
// there goes when it has been.

namespace perdure::pubsub {

// One thread at a time.
class topic_retention {
 public:
  struct settings {
    std::chrono::milliseconds age_max;
    std::uint64_t partition_bytes_max;
    std::optional<std::string> only{};  // this topic; else all
  };

  // The store outlives this.
  topic_retention(persistence::topic_store& store, settings with) : store_(store), with_(with) {}

  // Drops what is older than `age_max` at `now`, and of each partition the oldest, until what is
  // left takes no more than about `partition_bytes_max`. Blocks. To be called now and then.
  //   any error: of the first partition where it failed; the others were dealt with
  status run(timestamp now);

 private:
  status trim(const std::string& topic, std::uint32_t partition, timestamp oldest);

  persistence::topic_store& store_;
  const settings with_;
};

}  // namespace perdure::pubsub
