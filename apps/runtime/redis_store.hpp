#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/runtime/settings.hpp"
#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/outbox_store.hpp"

// The store of key-value entities on a Redis, as the settings name it.

namespace perdure::runtime {

struct key_value_store {
  std::unique_ptr<persistence::outbox_store> store;
  // What of it a person who asks for health should know, a sentence each. Not when it is gone.
  std::function<std::vector<std::string>()> warnings;
};

// Codes as for redis_step_store::open() and read_redis_pairing(), and FAILED_PRECONDITION when it
// does not fit the data folder, which has `shard_count` shards. The folder is ours. The store logs
// what is amiss with its durability.
result<key_value_store> open_redis(const settings& with, const perdure::clock& clock,
                                   std::uint32_t shard_count);

// OK unless the data folder's key-value entities are in a Redis; for a start without one.
//   FAILED_PRECONDITION  they are
//   UNAVAILABLE, DATA_LOSS  as read_redis_pairing()
status check_without_redis(const settings& with);

}  // namespace perdure::runtime
