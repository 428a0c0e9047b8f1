// Last sequence numbers of entities in recent use. Wrong here would mean a lost or doubled event,
// so whatever is not certain is forgotten and read from the store again.

#include "persistence/sequence_cache.hpp"

#include <utility>

namespace perdure::persistence {
namespace {

// An entry of an unordered_map beside the text it holds: node, strings, bucket.
constexpr std::size_t entry_overhead = 112;

}  // namespace

sequence_cache::sequence_cache(std::size_t bytes_max) : generation_bytes_max_(bytes_max / 2) {}

std::optional<sequence_nr> sequence_cache::find(const entity_key& entity) {
  std::lock_guard lock(mutex_);
  if (auto found = young_.find(entity); found != young_.end()) return found->second;
  auto found = old_.find(entity);
  if (found == old_.end()) return std::nullopt;
  auto last = found->second;
  insert(entity, last);
  return last;
}

void sequence_cache::put(const entity_key& entity, sequence_nr last) {
  std::lock_guard lock(mutex_);
  ++changes_of(entity);
  insert(entity, last);
}

void sequence_cache::forget_all() {
  std::lock_guard lock(mutex_);
  for (auto& changes : changes_) ++changes;
  young_.clear();
  old_.clear();
  young_bytes_ = 0;
}

sequence_cache::ticket sequence_cache::begin_reading(const entity_key& entity) {
  std::lock_guard lock(mutex_);
  return changes_of(entity);
}

void sequence_cache::put_if_unchanged(const entity_key& entity, sequence_nr last, ticket begun) {
  std::lock_guard lock(mutex_);
  if (changes_of(entity) == begun) insert(entity, last);
}

std::uint64_t& sequence_cache::changes_of(const entity_key& entity) {
  return changes_[std::hash<entity_key>{}(entity) % changes_.size()];
}

void sequence_cache::insert(const entity_key& entity, sequence_nr last) {
  auto [at, is_new] = young_.insert_or_assign(entity, last);
  if (!is_new) return;
  young_bytes_ += entity.type.size() + entity.id.size() + entry_overhead;
  if (young_bytes_ > generation_bytes_max_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
}

}  // namespace perdure::persistence
