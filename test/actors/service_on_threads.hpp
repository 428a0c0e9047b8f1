#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "actors/actor_runtime.hpp"
#include "test/actors/clerk.hpp"
#include "test/actors/entity_fixture.hpp"

namespace test {

// The memory store, one caller at a time, of which each 50th commit fails without a trace.
class shared_store final : public faulty_step_store {
 public:
  std::vector<perdure::status> commit(std::span<const perdure::persistence::step> group) override {
    std::lock_guard lock(mutex_);
    if (commits % 50 == 49) next_commit = fault::lost;
    return faulty_step_store::commit(group);
  }
  perdure::result<perdure::persistence::history> load(const perdure::entity_key& entity) override {
    std::lock_guard lock(mutex_);
    return faulty_step_store::load(entity);
  }

 private:
  std::mutex mutex_;
};

// Entities and actions on real threads, over a store that fails now and then.
struct service_on_threads {
  explicit service_on_threads(std::size_t resident_entities_max) {
    limits.resident_entities_max = resident_entities_max;
    limits.snapshot_every = 7;
    commits.start();
    commits_elsewhere.start();
    auto read = [this](std::function<void()> work) { boost::asio::post(reads, std::move(work)); };
    router.emplace(actors.system(), models_of<counter::counter, desk::desk, desk::label>(),
                   perdure::actors::environment{
                       .store = store,
                       .commits = commits,
                       .clock = time,
                       .step_times = step_times,
                       .reads = read,
                       .limits = limits,
                       .runs_on_caller = true,
                       .key_values = perdure::actors::key_value_home{store_elsewhere,
                                                                     commits_elsewhere, grown}},
                   actions_of<desk::clerk>());
  }
  ~service_on_threads() {
    router->drain(std::chrono::seconds{60});
    reads.join();
  }

  perdure::system_clock time;
  perdure::hybrid_clock step_times{time};
  perdure::limits limits;
  shared_store store;
  memory_outbox_store store_elsewhere;
  perdure::persistence::group_commit commits{store};
  perdure::pubsub::growth grown;
  perdure::persistence::group_commit commits_elsewhere{store_elsewhere};
  boost::asio::thread_pool reads{2};
  perdure::actors::actor_runtime actors{2};
  std::optional<perdure::actors::entity_router> router;
};

}  // namespace test
