// Names of keys in Redis. A part that others follow has its length in front, so that no two scopes
// share a name, whatever the parts hold.

#include "persistence/redis_keys.hpp"

namespace perdure::persistence {
namespace {

void append_part(std::string& to, std::string_view part) {
  to += std::to_string(part.size());
  to += ':';
  to += part;
  to += ':';
}

}  // namespace

redis_keys::redis_keys(shard_id shard) {
  auto tag = "perdure:{" + std::to_string(value(shard)) + "}:";
  shard_ = tag + "shard";
  log_ = tag + "log";
  outbox_ = tag + "outbox";
  entity_ = tag + "entity:";
  events_ = tag + "events:";
  reply_ = tag + "reply:";
  outcome_ = tag + "outcome:";
}

std::string redis_keys::entity(const entity_key& entity) const {
  auto key = entity_;
  append_part(key, entity.type);
  return key += entity.id;
}

std::string redis_keys::events(const entity_key& entity) const {
  auto key = events_;
  append_part(key, entity.type);
  return key += entity.id;
}

std::string redis_keys::reply(const entity_key& entity, const idempotency_key& chosen) const {
  auto key = reply_;
  append_part(key, entity.type);
  append_part(key, entity.id);
  append_part(key, chosen.method);
  return key += chosen.key;
}

std::string redis_keys::outcome(const entity_key& entity, std::string_view command_id) const {
  auto key = outcome_;
  append_part(key, entity.type);
  append_part(key, entity.id);
  return key += command_id;
}

std::vector<redis_keys> redis_keys_of(std::uint32_t shard_count) {
  std::vector<redis_keys> keys;
  keys.reserve(shard_count);
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) keys.emplace_back(shard_id{shard});
  return keys;
}

std::string printable(std::string_view key) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned char c : key) {
    if (c >= 0x20 && c < 0x7f) {
      text += static_cast<char>(c);
    } else {
      text += "\\x";
      text += digits[c >> 4];
      text += digits[c & 15];
    }
  }
  return text;
}

std::string redis_stream_id(std::uint64_t number) { return std::to_string(number) + "-0"; }

}  // namespace perdure::persistence
