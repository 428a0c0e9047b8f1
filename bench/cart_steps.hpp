#pragma once

#include <vector>

#include "cart_api.pb.h"
#include "perdure/entity.hpp"
#include "persistence/step.hpp"

// The shopping cart as the runtime's inner parts see it.

namespace perdure::bench {

// The models of the service's entities; there is one.
const std::vector<entity_model>& cart_models();

// The step that the runtime makes of a cart's first AddItem, without its time.
persistence::step step_of(const cart::api::AddItemRequest& command);

}  // namespace perdure::bench
