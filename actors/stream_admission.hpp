#pragma once

#include <memory>

#include "actors/action_pool.hpp"
#include "actors/action_stream.hpp"
#include "actors/entity_registry.hpp"

namespace perdure::actors {

// Opens a stream that counts as in flight from now until it ends; where too much is, or the process
// drains, it ends at once.
std::shared_ptr<action_stream> open_admitted(entity_registry& registry, action_pool& pool,
                                             stream_request what,
                                             std::shared_ptr<stream_caller> caller);

}  // namespace perdure::actors
