#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "actors/actor_runtime.hpp"
#include "actors/entity_router.hpp"
#include "base/clock.hpp"
#include "perdure/entity.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/rocksdb_step_store.hpp"

namespace perdure::bench {

// A service's runtime in this process, without its gateways: over RocksDB, with the parts composed
// as apps/runtime/host.cpp composes them.
class in_process_runtime {
 public:
  // Told on the committer's thread what became of each group of steps.
  using on_commit =
      std::function<void(std::span<const persistence::step>, std::span<const status>)>;

  // Throws std::runtime_error when the store cannot be opened.
  in_process_runtime(const std::filesystem::path& folder, std::vector<entity_model> models,
                     on_commit told = {});

  // Waits for what was submitted.
  ~in_process_runtime();

  void submit(actors::command c) { router_.submit(std::move(c)); }

 private:
  const std::vector<entity_model> models_;
  system_clock time_;
  hybrid_clock step_times_{time_};
  std::unique_ptr<persistence::rocksdb_step_store> store_;
  std::unique_ptr<persistence::step_store> watched_;  // null when nobody is told
  persistence::group_commit commits_;
  boost::asio::thread_pool reads_{4};
  actors::actor_runtime actors_;
  actors::entity_router router_;
};

}  // namespace perdure::bench
