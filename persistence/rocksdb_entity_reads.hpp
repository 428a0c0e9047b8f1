#pragma once

#include <cstddef>
#include <optional>

#include "perdure/status.hpp"
#include "persistence/entity_listing.hpp"
#include "persistence/rocksdb_database.hpp"

// Which entities there are: as step_store::list_entities().

namespace perdure::persistence {

result<entity_page> read_entities(const rocksdb_database& from, const entity_selection& which,
                                  const std::optional<entity_place>& begin, std::size_t max);

}  // namespace perdure::persistence
