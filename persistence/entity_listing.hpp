#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"

// Which entities a store holds, as step_store::list_entities() tells. Values only.

namespace perdure::persistence {

// What is known of an entity without its history.
struct entity_summary {
  entity_key entity;       // both parts empty: the damage is such that nobody knows whose it is
  sequence_nr sequence{};  // of its last event
  bool is_key_value = false;
  bool is_deleted = false;   // by its last event
  std::string problem = {};  // what is damaged, if anything, and where

  friend bool operator==(const entity_summary&, const entity_summary&) = default;
};

// Which ones are listed.
struct entity_selection {
  std::string type = {};               // empty: of all types
  std::optional<std::string> id = {};  // of that type: this one, if it is there
};

// Where a page begins. What it says is its adapter's business.
struct entity_place {
  entity_key behind;
  shard_id shard{};
  log_offset offset{};
};

struct entity_page {
  std::vector<entity_summary> entities;
  std::optional<entity_place> next;  // unset: there is no more
};

}  // namespace perdure::persistence
