// persistence/: the bytes of an event and where they stand; a group of steps in memory.

#include <benchmark/benchmark.h>

#include "bench/cart_steps.hpp"
#include "bench/carts.hpp"
#include "persistence/memory_step_store.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_records.hpp"

namespace perdure::bench {
namespace {

using namespace perdure::persistence;

void encode_event_and_index(benchmark::State& state) {
  auto s = step_of(add_item_commands(1).front());
  for (auto _ : state) {
    auto in_log = log_key(shard_id{3}, log_offset{7});
    auto in_index = index_key(s.entity, sequence_nr{1});
    benchmark::DoNotOptimize(encode_event(in_log, s, sequence_nr{1}, s.events.front()));
    benchmark::DoNotOptimize(encode_index(in_index, log_offset{7}));
  }
}
BENCHMARK(encode_event_and_index);

void decode_an_event(benchmark::State& state) {
  auto s = step_of(add_item_commands(1).front());
  auto key = log_key(shard_id{3}, log_offset{7});
  auto bytes = encode_event(key, s, sequence_nr{1}, s.events.front());
  for (auto _ : state) benchmark::DoNotOptimize(decode_event(key, bytes));
}
BENCHMARK(decode_an_event);

// What a commit costs beside the disk and the bytes.
void commit_to_memory(benchmark::State& state) {
  memory_step_store store;
  std::vector<step> group(static_cast<std::size_t>(state.range(0)),
                          step_of(add_item_commands(1).front()));
  std::uint64_t last = 0;
  for (auto _ : state) {
    for (auto& s : group) s.expected = sequence_nr{last++};
    benchmark::DoNotOptimize(store.commit(group));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(commit_to_memory)->Arg(1)->Arg(256);

}  // namespace
}  // namespace perdure::bench
