#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// Names and numbers that must not be mistaken for one another, each a type of its own.

namespace perdure {

// Which entity: its type's name in the store and its id. Any UTF-8 text; neither is empty.
struct entity_key {
  std::string type;
  std::string id;

  friend auto operator<=>(const entity_key&, const entity_key&) = default;
};

// "shopping-cart/cart-1", for people. Ids may hold '/': never take it apart again.
inline std::string to_string(const entity_key& key) { return key.type + "/" + key.id; }

// Number of an event within its entity: 1 for the first, without gaps. 0 stands before the first.
enum class sequence_nr : std::uint64_t {};

// Position in a shard's log: one per event, growing by one, from 0.
enum class log_offset : std::uint64_t {};

// Unit of order, ownership and recovery; shard n is partition n of a topic.
enum class shard_id : std::uint32_t {};

// Who may commit to a shard: grows each time the shard changes its owner. One process: always 0.
enum class epoch : std::uint32_t {};

// Where a step was taken. One region: always 0.
enum class region_id : std::uint16_t {};

// Place of an entry in an entity's mailbox: grows with every entry, with gaps. 0 stands before the
// first.
enum class mail_position : std::uint64_t {};

// Place of an entry in the outbox of a shard: growing by one, from 1. 0 stands before the first.
enum class outbox_offset : std::uint64_t {};

// Position in one partition of a topic: growing by one per message, from 0; in Kafka with gaps.
enum class topic_offset : std::uint64_t {};

constexpr std::uint64_t value(sequence_nr n) { return static_cast<std::uint64_t>(n); }
constexpr std::uint64_t value(log_offset n) { return static_cast<std::uint64_t>(n); }
constexpr std::uint64_t value(mail_position n) { return static_cast<std::uint64_t>(n); }
constexpr std::uint64_t value(outbox_offset n) { return static_cast<std::uint64_t>(n); }
constexpr std::uint64_t value(topic_offset n) { return static_cast<std::uint64_t>(n); }
constexpr std::uint32_t value(shard_id n) { return static_cast<std::uint32_t>(n); }
constexpr std::uint32_t value(epoch n) { return static_cast<std::uint32_t>(n); }
constexpr std::uint16_t value(region_id n) { return static_cast<std::uint16_t>(n); }

constexpr sequence_nr operator+(sequence_nr n, std::uint64_t count) {
  return sequence_nr{value(n) + count};
}
constexpr log_offset operator+(log_offset n, std::uint64_t count) {
  return log_offset{value(n) + count};
}

constexpr topic_offset operator+(topic_offset n, std::uint64_t count) {
  return topic_offset{value(n) + count};
}
constexpr mail_position operator+(mail_position n, std::uint64_t count) {
  return mail_position{value(n) + count};
}
constexpr outbox_offset operator+(outbox_offset n, std::uint64_t count) {
  return outbox_offset{value(n) + count};
}

// The shard of an entity id: Kafka's default partitioning (murmur2 of the key's bytes, made
// positive, modulo the count), so that a foreign producer keyed by entity id agrees.
shard_id shard_of(std::string_view entity_id, std::uint32_t shard_count);

}  // namespace perdure

template <>
struct std::hash<perdure::entity_key> {
  std::size_t operator()(const perdure::entity_key& key) const {
    auto h = std::hash<std::string>{};
    return h(key.id) * 31 + h(key.type);
  }
};
