#pragma once

#include <vector>

#include "actors/entity_router.hpp"
#include "apps/runtime/admin_endpoint.hpp"
#include "apps/runtime/topic_home.hpp"
#include "apps/runtime/view_homes.hpp"

// What GET /metrics tells.

namespace perdure::runtime {

// All figures of a process, those of one name one after the other. All outlive what is returned.
std::vector<gauge> gauges_of(const actors::entity_router& router, const topic_home& topics,
                             const view_homes& views);

}  // namespace perdure::runtime
