#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "perdure/status.hpp"
#include "persistence/entity_listing.hpp"
#include "persistence/redis_connection.hpp"
#include "persistence/redis_keys.hpp"

// Which entities there are, as step_store::list_entities(). Redis has its keys in no order and
// cannot say which there are without showing some twice; but the log of a shard, which nothing is
// taken out of, has the first event of each entity once. So that is what is read: it takes as long
// as there are events. For redis_step_store.cpp only.

namespace perdure::persistence {

// From `from` on, whose shard `keys` are of; `type` empty: of all types.
result<entity_page> read_redis_entities(redis_connection& redis, const redis_keys& keys,
                                        std::uint32_t shard_count, const std::string& type,
                                        const entity_place& from, std::size_t max);

// That one, if it is there.
result<entity_page> read_redis_entity(redis_connection& redis, const redis_keys& keys,
                                      const entity_key& entity);

}  // namespace perdure::persistence
