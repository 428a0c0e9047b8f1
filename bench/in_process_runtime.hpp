#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/actor_runtime.hpp"
#include "actors/entity_router.hpp"
#include "apps/runtime/topic_home.hpp"
#include "apps/runtime/view_homes.hpp"
#include "base/clock.hpp"
#include "base/log_position.hpp"
#include "perdure/action.hpp"
#include "perdure/entity.hpp"
#include "perdure/view.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "pubsub/growth.hpp"

namespace perdure::bench {

// A service's runtime in this process, without its gateways: over RocksDB, with the parts composed
// as apps/runtime/host.cpp composes them.
class in_process_runtime {
 public:
  // Told on the committer's thread what became of each group of steps.
  using on_commit =
      std::function<void(std::span<const persistence::step>, std::span<const status>)>;

  struct settings {
    std::filesystem::path folder;
    std::vector<entity_model> entities;
    on_commit told = {};
    std::vector<action_model> actions = {};  // where there are any, topics are read
    std::string kafka = {};                  // where topics are: HOST:PORT; empty: embedded
    std::vector<view_model> views = {};
  };

  // Throws std::runtime_error when the store or the topics cannot be opened.
  explicit in_process_runtime(settings with);

  // Waits for what was submitted.
  ~in_process_runtime();

  void submit(actors::command c) { router_->submit(std::move(c)); }

  // As settings::views.
  runtime::view_homes::one& view(std::size_t n) { return *views_->all()[n]; }

  // Where the logs of these event sourced entities end now.
  std::vector<log_position> ends_of(const std::string& entity_type) const;

 private:
  const settings with_;
  system_clock time_;
  hybrid_clock step_times_{time_};
  std::unique_ptr<persistence::rocksdb_step_store> store_;
  std::unique_ptr<persistence::step_store> watched_;  // null when nobody is told
  pubsub::growth grown_;
  persistence::group_commit commits_;
  boost::asio::thread_pool reads_{4};
  boost::asio::thread_pool waits_{2};
  std::unique_ptr<runtime::topic_home> topics_;  // null without actions and views
  std::unique_ptr<runtime::view_homes> views_;   // null without views
  actors::actor_runtime actors_;
  std::optional<actors::entity_router> router_;
};

}  // namespace perdure::bench
