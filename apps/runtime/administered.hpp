#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gateway/rpc_service.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/event_relay.hpp"
#include "pubsub/subscription.hpp"
#include "views/view_home.hpp"

namespace perdure::runtime {

// The parts of a process that are administered; they outlive the services and their calls.
struct administered {
  std::vector<std::shared_ptr<pubsub::subscription>> subscriptions;
  persistence::topic_store& store;
  std::function<pubsub::relay_status()> relay;
  // Runs something soon, where blocking is no harm: SQL that somebody asks takes as long as he lets
  // it.
  gateway::rpc_service::executor elsewhere;
  std::vector<views::view_home*> views = {};
  // Stores of entities beside `store`, as one on Redis.
  std::vector<persistence::step_store*> other_entities = {};
};

}  // namespace perdure::runtime
