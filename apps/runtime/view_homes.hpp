#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "apps/runtime/settings.hpp"
#include "base/clock.hpp"
#include "gateway/query_endpoint.hpp"
#include "perdure/entity.hpp"
#include "perdure/status.hpp"
#include "perdure/view.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/topic_log.hpp"
#include "views/queries.hpp"
#include "views/view_home.hpp"

// All views of a process: where each of their sources is read, and who answers their queries.

namespace perdure::runtime {

// Whether the sources of these views are there beside these entities.
//   INVALID_ARGUMENT  an entity that is not there, or of another kind; a view that cannot be
status check_view_sources(std::span<const view_model> views,
                          std::span<const entity_model> entities);

// Any thread, but for start() and stop().
class view_homes {
 public:
  struct surroundings {
    // Where entities are, and, where key-value entities are elsewhere, that store.
    persistence::step_store& store;
    pubsub::growth& grown;
    persistence::step_store* key_values;  // null: in `store`
    pubsub::growth& key_values_grown;
    pubsub::topic_log& topics;
    bool topics_may_repeat;
    const perdure::clock& clock;
    // Runs something soon, where blocking is no harm.
    std::function<void(std::function<void()>)> reads;
  };

  // check_view_sources() holds. All referred to outlive it.
  //   UNAVAILABLE, DATA_LOSS, ...  as view_home::open
  static result<std::unique_ptr<view_homes>> open(std::vector<view_model> models,
                                                  std::span<const entity_model> entities,
                                                  const settings& with, const surroundings& around);
  ~view_homes();  // stop()

  void start();
  // After the gateways: queries that still run are cut.
  void stop();

  const gateway::query_endpoint& endpoint() const { return endpoint_; }

  // actors::environment::followed
  std::set<std::string> followed() const;

  struct one {
    std::unique_ptr<views::view_home> home;
    std::optional<views::queries> queries;  // empty once stopped

    const std::string& name() const { return home->plan().service->full_name(); }
  };
  const std::vector<std::unique_ptr<one>>& all() const { return all_; }

  // What a person who asks for health should know, a sentence each.
  std::vector<std::string> warnings() const;

 private:
  class query_threads;
  view_homes(const settings& with, const surroundings& around);

  status add(view_model model, std::span<const entity_model> entities);
  views::source_log log_of(const pubsub::message_source& from,
                           std::span<const entity_model> entities);

  const settings with_;
  const surroundings around_;
  std::vector<std::unique_ptr<pubsub::topic_log>> logs_;  // of entities
  std::unique_ptr<query_threads> threads_;                // null without views
  std::vector<std::unique_ptr<one>> all_;
  gateway::query_endpoint endpoint_;
  bool is_stopped_ = false;
};

}  // namespace perdure::runtime
