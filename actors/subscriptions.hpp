#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "actors/action_pool.hpp"
#include "actors/entity_directory.hpp"
#include "actors/environment.hpp"
#include "actors/subscription_plan.hpp"
#include "pubsub/subscription.hpp"

// All subscriptions of a process: takes what its actions subscribe to out of topics and logs, to
// the actions' actors.

namespace perdure::actors {

class subscriptions {
 public:
  struct surroundings {
    // The actors of the action with this service; outlive this.
    std::function<action_pool*(const std::string& service)> pool;
    // Does something later, on another thread.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
    // See pubsub::subscription.
    std::function<void(const persistence::mail_effects&)> committed;
    std::function<void()> failed;
  };

  // Only where env->topics is set, and check_subscriptions() holds.
  subscriptions(std::shared_ptr<const environment> env, const entity_directory& directory,
                const surroundings& around);

  void start();

  // Hands over nothing more, and waits until nothing is under way; false when something was at
  // `end`.
  // More than once does no harm.
  bool stop(std::chrono::steady_clock::time_point end);

  const std::vector<std::shared_ptr<pubsub::subscription>>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<pubsub::topic_log>> logs_;  // of entities
  std::vector<std::shared_ptr<pubsub::subscription>> all_;
  bool is_stopped_ = false;
};

// Whether the subscriptions of these actions can be served beside these entities.
//   INVALID_ARGUMENT  two of one name; an entity that is not there, or of another kind
status check_subscriptions(std::span<const entity_model> entities,
                           std::span<const action_model> actions);

}  // namespace perdure::actors
