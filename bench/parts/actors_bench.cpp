// actors/ and what they ask of base/: names and fingerprints of commands, and the way of a command
// through the router to an entity and back, with a store in memory.

#include <benchmark/benchmark.h>

#include <semaphore>

#include "actors/actor_runtime.hpp"
#include "actors/entity_router.hpp"
#include "actors/fingerprint.hpp"
#include "base/check.hpp"
#include "base/entity_id.hpp"
#include "bench/cart_steps.hpp"
#include "bench/carts.hpp"
#include "persistence/memory_step_store.hpp"

namespace perdure::bench {
namespace {

void shard_of_an_id(benchmark::State& state) {
  const std::string id = add_item_commands(1).front().cart_id();
  for (auto _ : state) benchmark::DoNotOptimize(shard_of(id, 16));
}
BENCHMARK(shard_of_an_id);

void id_of_a_command(benchmark::State& state) {
  auto command = add_item_commands(1).front();
  auto fields = entity_key_fields(*command.GetDescriptor());
  for (auto _ : state) benchmark::DoNotOptimize(entity_id_of(command, fields, 4096));
}
BENCHMARK(id_of_a_command);

void fingerprint_of_a_command(benchmark::State& state) {
  auto command = add_item_commands(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(actors::fingerprint_of(command));
}
BENCHMARK(fingerprint_of_a_command);

// One command at a time: how long its way takes, threads and all. The entity has recovered.
void router_round_trip(benchmark::State& state) {
  persistence::memory_step_store store;
  persistence::group_commit commits(store);
  commits.start();
  system_clock clock;
  hybrid_clock times(clock);
  actors::actor_runtime threads;
  actors::entity_router router(threads.system(), cart_models(),
                               {store, commits, clock, times,
                                [](const std::function<void()>& read) { read(); }, limits{}, true});
  const auto& model = cart_models().front();
  const auto* add = model.service->FindMethodByName("AddItem");
  auto command = add_item_commands(1).front();
  std::binary_semaphore answered{0};
  for (auto _ : state) {
    actors::command c;
    c.target = {model.entity_type, command.cart_id()};
    c.method = add;
    c.request = std::make_unique<cart::api::AddItemRequest>(command);
    c.reply = [&](const actors::outcome& done) {
      PERDURE_CHECK(done.result.ok());
      answered.release();
    };
    router.submit(std::move(c));
    answered.acquire();
  }
  router.drain(std::chrono::seconds{20});
}
BENCHMARK(router_round_trip)->UseRealTime();

}  // namespace
}  // namespace perdure::bench
