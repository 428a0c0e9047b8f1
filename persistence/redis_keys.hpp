#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "persistence/step.hpp"

// The names of our keys in Redis; docs/formats.md lists them. All of a shard hold the same hash
// tag, "{7}", and so are on one node of a cluster, where one script may touch them together.

namespace perdure::persistence {

inline constexpr std::string_view redis_store_key = "perdure:store";

class redis_keys {
 public:
  explicit redis_keys(shard_id shard);

  const std::string& shard() const { return shard_; }
  const std::string& log() const { return log_; }
  const std::string& outbox() const { return outbox_; }

  std::string entity(const entity_key& entity) const;
  std::string events(const entity_key& entity) const;
  std::string reply(const entity_key& entity, const idempotency_key& key) const;
  std::string outcome(const entity_key& entity, std::string_view command_id) const;

 private:
  std::string shard_, log_, outbox_, entity_, events_, reply_, outcome_;
};

// Of shards 0, 1, ...
std::vector<redis_keys> redis_keys_of(std::uint32_t shard_count);

// A key for people: what is no printable ASCII as "\x00".
std::string printable(std::string_view key);

// The id of an entry of a stream that holds `number` entries up to it: "258-0".
std::string redis_stream_id(std::uint64_t number);

}  // namespace perdure::persistence
