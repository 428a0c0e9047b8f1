// Last sequence numbers of entities in recent use. Wrong here would mean a lost or doubled event,
// so whatever is not certain is forgotten and read from the store again.

#include "persistence/sequence_cache.hpp"

#include <utility>

namespace perdure::persistence {

sequence_cache::sequence_cache(std::size_t bytes_max) : generation_bytes_max_(bytes_max / 2) {}

std::optional<sequence_nr> sequence_cache::find(std::size_t hash, const entity_key& entity) {
  std::lock_guard lock(mutex_);
  if (const auto* found = young_.find(hash, entity)) return *found;
  const auto* found = old_.find(hash, entity);
  if (!found) return std::nullopt;
  auto last = *found;
  insert(hash, entity, last);
  return last;
}

void sequence_cache::put(std::size_t hash, const entity_key& entity, sequence_nr last) {
  std::lock_guard lock(mutex_);
  ++changes_of(hash);
  insert(hash, entity, last);
}

void sequence_cache::forget_all() {
  std::lock_guard lock(mutex_);
  for (auto& changes : changes_) ++changes;
  young_ = {};
  old_ = {};
  young_bytes_ = 0;
}

sequence_cache::ticket sequence_cache::begin_reading(const entity_key& entity) {
  std::lock_guard lock(mutex_);
  return changes_of(hash_of(entity));
}

void sequence_cache::put_if_unchanged(const entity_key& entity, sequence_nr last, ticket begun) {
  auto hash = hash_of(entity);
  std::lock_guard lock(mutex_);
  if (changes_of(hash) == begun) insert(hash, entity, last);
}

void sequence_cache::insert(std::size_t hash, const entity_key& entity, sequence_nr last) {
  auto before = young_.entries().size();
  young_.find_or_add(hash, entity) = last;
  if (young_.entries().size() == before) return;
  young_bytes_ += entity.type.size() + entity.id.size() + generation::entry_bytes;
  if (young_bytes_ > generation_bytes_max_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
}

}  // namespace perdure::persistence
