// From settings to the Redis that keeps key-value entities.

#include "apps/runtime/redis_store.hpp"

#include <optional>
#include <utility>

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

}  // namespace

result<key_value_store> open_redis(const settings& with, const perdure::clock& clock,
                                   std::uint32_t shard_count) {
  auto opened = persistence::redis_step_store::open(
      {.server = endpoint_of(with.redis),
       .clock = clock,
       .shard_count = shard_count,
       .idempotency_retention = with.limits.idempotency_retention});
  if (!opened.ok()) return opened.error();
  if (auto kept = (*opened)->shard_count(); kept != shard_count) {
    return status(status_code::failed_precondition,
                  "the data folder has " + std::to_string(shard_count) + " shards, the Redis on " +
                      to_string(endpoint_of(with.redis)) + " has " + std::to_string(kept) +
                      "; they belong to different services, or name with --shards what a new data "
                      "folder is to have");
  }
  auto warnings = [&store = **opened, where = "Redis at " + to_string(endpoint_of(with.redis)) +
                                              ": "] { return warnings_of(store, where); };
  return key_value_store{*std::move(opened), std::move(warnings)};
}

}  // namespace perdure::runtime
