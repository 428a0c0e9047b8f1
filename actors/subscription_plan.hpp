#pragma once

#include <string>
#include <vector>

#include "actors/action_type.hpp"
#include "pubsub/message_takers.hpp"

// What an action's service subscribes to, read from its descriptors. The rpcs that name the same
// source are one subscription.

namespace perdure::actors {

struct subscription_plan {
  // "flights.api.Alerts/topic/flights": of its cursor, for ever. Whoever renames it starts over.
  std::string name;
  bool from_end = false;
  pubsub::message_takers takers;

  const pubsub::message_source& source() const { return takers.source; }
};

// In the order of the rpcs. What the generator has checked is taken as it is.
std::vector<subscription_plan> plans_of(const action_type& type);

}  // namespace perdure::actors
