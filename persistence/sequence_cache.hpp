#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/ids.hpp"
#include "persistence/entity_table.hpp"

// The last sequence numbers of entities in recent use, so that a commit need not look them up.

namespace perdure::persistence {

// Bounded: two generations; when the young one is full it becomes the old one, and the old one is
// forgotten. Any thread.
class sequence_cache {
  using generation = entity_table<entity_key, sequence_nr>;

 public:
  explicit sequence_cache(std::size_t bytes_max);

  // What find() and put() want beside the entity: a commit needs it more than once.
  static std::size_t hash_of(const entity_key& entity) { return generation::hash_of(entity); }

  std::optional<sequence_nr> find(std::size_t hash, const entity_key& entity);

  // What a commit has made of the entity.
  void put(std::size_t hash, const entity_key& entity, sequence_nr last);

  // After a failed write: what it has left behind shows only when the store has healed, so neither
  // what is here nor what is being read now can be relied on.
  void forget_all();

  // A number that is read by a load is put only if no commit has touched the entity since before
  // the reading began: it could be older than what that commit put, and was dropped since.
  using ticket = std::uint64_t;
  ticket begin_reading(const entity_key& entity);
  void put_if_unchanged(const entity_key& entity, sequence_nr last, ticket begun);

 private:
  std::uint64_t& changes_of(std::size_t hash) { return changes_[hash % changes_.size()]; }
  void insert(std::size_t hash, const entity_key& entity, sequence_nr last);

  const std::size_t generation_bytes_max_;
  std::mutex mutex_;
  generation young_;
  generation old_;
  std::size_t young_bytes_ = 0;
  std::array<std::uint64_t, 1024> changes_{};  // counts commits; several entities share one
};

}  // namespace perdure::persistence
