// From settings to the Redis that keeps key-value entities.

#include "apps/runtime/redis_store.hpp"

#include <optional>
#include <utility>

#include "apps/runtime/redis_pairing.hpp"
#include "base/uuid.hpp"
#include "persistence/redis_step_store.hpp"

namespace perdure::runtime {
namespace {

persistence::redis_endpoint endpoint_of(const redis_settings& from) {
  persistence::redis_endpoint where;
  where.host = from.host;
  where.port = from.port;
  where.user = from.user;
  where.password = from.password;
  if (from.tls) {
    where.tls =
        persistence::redis_tls{from.ca_file, from.cert_file, from.key_file, from.server_name};
  }
  return where;
}

std::vector<std::string> warnings_of(const persistence::redis_step_store& store,
                                     const std::string& where) {
  std::vector<std::string> warnings;
  if (auto health = store.health(); !health.ok()) {
    warnings.push_back(where + health.message() + "; what needs it is answered UNAVAILABLE");
  }
  if (auto durability = store.durability(); !durability.warning.empty()) {
    warnings.push_back(where + durability.warning);
  }
  return warnings;
}

// Of a folder that had none a new one, which is written before the store is created: so the store
// is known again when the process dies in between.
result<redis_pairing> pairing_of(const std::filesystem::path& data) {
  auto found = read_redis_pairing(data);
  if (!found.ok()) return found.error();
  if (*found) return **found;
  redis_pairing made{random_uuid(), true};
  if (auto s = write_redis_pairing(data, made); !s.ok()) return s;
  return made;
}

}  // namespace

result<key_value_store> open_redis(const settings& with, const perdure::clock& clock,
                                   std::uint32_t shard_count) {
  auto paired = pairing_of(with.data);
  if (!paired.ok()) return paired.error();
  auto opened = persistence::redis_step_store::open(
      {.server = endpoint_of(with.redis),
       .clock = clock,
       .shard_count = shard_count,
       .idempotency_retention = with.limits.idempotency_retention,
       .id = paired->id,
       .may_create = paired->is_new});
  if (!opened.ok()) return opened.error();
  if (auto kept = (*opened)->shard_count(); kept != shard_count) {
    return status(status_code::failed_precondition,
                  "the data folder has " + std::to_string(shard_count) + " shards, the Redis on " +
                      to_string(endpoint_of(with.redis)) + " has " + std::to_string(kept) +
                      "; they belong to different services, or name with --shards what a new data "
                      "folder is to have");
  }
  if (paired->is_new) {
    if (auto s = write_redis_pairing(with.data, {paired->id}); !s.ok()) return s;
  }
  auto warnings = [&store = **opened, where = "Redis at " + to_string(endpoint_of(with.redis)) +
                                              ": "] { return warnings_of(store, where); };
  return key_value_store{*std::move(opened), std::move(warnings)};
}

status check_without_redis(const settings& with) {
  auto found = read_redis_pairing(with.data);
  if (!found.ok()) return found.error();
  if (!*found || (*found)->is_new) return {};
  return {status_code::failed_precondition,
          "the key-value entities of the data folder " + with.data +
              " are in a Redis; start with --kv redis, and its address in --redis"};
}

}  // namespace perdure::runtime
