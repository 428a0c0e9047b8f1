#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/runtime/settings.hpp"
#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/redis_step_store.hpp"

// The store of key-value entities on a Redis, as the settings name it.

namespace perdure::runtime {

// Codes as for redis_step_store::open(), and FAILED_PRECONDITION when it does not fit the data
// folder's store, which has `shard_count` shards. The store logs what is amiss with its durability.
result<std::unique_ptr<persistence::redis_step_store>> open_redis(const settings& with,
                                                                  const perdure::clock& clock,
                                                                  std::uint32_t shard_count);

// What of it a person who asks for health should know, a sentence each.
std::vector<std::string> warnings_of(const persistence::redis_step_store& store,
                                     const settings& with);

}  // namespace perdure::runtime
