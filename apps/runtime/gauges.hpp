#pragma once

#include <vector>

#include "actors/entity_router.hpp"
#include "apps/runtime/admin_endpoint.hpp"
#include "apps/runtime/topic_home.hpp"

// What GET /metrics tells.

namespace perdure::runtime {

// All figures of a process, those of one name one after the other. Both outlive what is returned.
std::vector<gauge> gauges_of(const actors::entity_router& router, const topic_home& topics);

}  // namespace perdure::runtime
