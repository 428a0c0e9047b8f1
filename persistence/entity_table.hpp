#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/ids.hpp"

// A hash table by entity, for the few look-ups that every step needs.
//
// It reads less memory than std::unordered_map to find an entity, does not hash again what its
// caller has hashed, and keeps its memory when it is emptied. Nothing is ever erased but all of it.
// `Key` is entity_key, or a reference_wrapper to one that outlives its stay here.

namespace perdure::persistence {

template <class Key, class Value>
class entity_table {
  struct slot {
    std::uint32_t tag = 0;    // of the hash: spares nearly every look at another's entry
    std::uint32_t entry = 0;  // its place in entries_, from 1; 0 where there is none
  };

 public:
  struct entry {
    std::size_t hash;
    Key key;
    Value value;
  };

  // About how much memory an entry takes beside the text of a long key.
  static constexpr std::size_t entry_bytes = sizeof(entry) + 4 * sizeof(slot);

  static std::size_t hash_of(const entity_key& entity) { return std::hash<entity_key>{}(entity); }

  // Null when it is not there. Valid until clear().
  Value* find(std::size_t hash, const entity_key& entity) {
    if (slots_.empty()) return nullptr;
    auto& s = slots_[slot_of(hash, entity)];
    return s.entry == 0 ? nullptr : &entries_[s.entry - 1].value;
  }

  // Adds it with a value-initialised value unless it is there. Valid until clear().
  Value& find_or_add(std::size_t hash, const entity_key& entity) {
    if (slots_.size() < 2 * (entries_.size() + 1)) grow();
    auto& s = slots_[slot_of(hash, entity)];
    if (s.entry == 0) {
      entries_.push_back({hash, Key(entity), Value{}});
      s = {tag_of(hash), static_cast<std::uint32_t>(entries_.size())};
    }
    return entries_[s.entry - 1].value;
  }

  const std::deque<entry>& entries() const { return entries_; }

  // Costs as much as there is to forget, however large the table once was.
  void clear() {
    for (const auto& e : entries_) {
      // All neighbours go too, up to the first empty slot, so none is left that is not found.
      for (auto at = e.hash & mask(); slots_[at].entry != 0; at = (at + 1) & mask()) {
        slots_[at] = {};
      }
    }
    entries_.clear();
  }

 private:
  std::size_t mask() const { return slots_.size() - 1; }
  static std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  // The entity's slot, or the empty one where it belongs: at least half of all are empty.
  std::size_t slot_of(std::size_t hash, const entity_key& entity) const {
    auto at = hash & mask();
    while (slots_[at].entry != 0) {
      if (slots_[at].tag == tag_of(hash) &&
          static_cast<const entity_key&>(entries_[slots_[at].entry - 1].key) == entity) {
        break;
      }
      at = (at + 1) & mask();
    }
    return at;
  }

  void grow() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), slot{});
    std::uint32_t place = 0;
    for (const auto& e : entries_) {
      auto at = e.hash & mask();
      while (slots_[at].entry != 0) at = (at + 1) & mask();
      slots_[at] = {tag_of(e.hash), ++place};
    }
  }

  std::deque<entry> entries_;
  std::vector<slot> slots_;  // a power of two
};

}  // namespace perdure::persistence
