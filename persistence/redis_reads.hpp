#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "perdure/status.hpp"
#include "persistence/outbox_store.hpp"
#include "persistence/redis_connection.hpp"
#include "persistence/redis_keys.hpp"
#include "persistence/redis_records.hpp"
#include "persistence/step.hpp"

// What is read from a Redis, and how damage is noticed. For redis_step_store.cpp only; the verbs
// and codes are step_store's and outbox_store's.

namespace perdure::persistence {

result<history> read_redis_history(redis_connection& redis, const redis_keys& keys,
                                   const entity_key& entity);

result<std::optional<redis_records::reply_record>> read_redis_reply(redis_connection& redis,
                                                                    const redis_keys& keys,
                                                                    const entity_key& entity,
                                                                    const idempotency_key& key);

result<std::optional<redis_records::outcome_record>> read_redis_outcome(
    redis_connection& redis, const redis_keys& keys, const entity_key& entity,
    const std::string& command_id);

result<std::vector<stored_event>> read_redis_log(redis_connection& redis, const redis_keys& keys,
                                                 log_offset from, std::size_t bytes_max);

result<std::vector<outbox_entry>> read_redis_outbox(redis_connection& redis, const redis_keys& keys,
                                                    outbox_offset after, std::size_t bytes_max);

}  // namespace perdure::persistence
