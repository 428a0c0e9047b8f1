// What an active entity takes of memory beside its state.

#include <stdexcept>
#include <string_view>

#include "bench/grpc_load.hpp"
#include "bench/http_load.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "counter_api.pb.h"
#include "counter_domain.pb.h"

namespace perdure::bench {
namespace {

constexpr std::size_t entities = 100'000;
constexpr double bytes_max = 3 * 1024;

std::vector<std::string> increments(const std::string& prefix, std::size_t count) {
  std::vector<std::string> encoded;
  ::bench::counter::api::IncrementRequest command;
  command.set_by(1);
  for (std::size_t i = 0; i < count; ++i) {
    command.set_counter_id(prefix + std::to_string(1'000'000 + i));
    encoded.push_back(command.SerializeAsString());
  }
  return encoded;
}

void send(const service_process& to, const std::vector<std::string>& commands) {
  grpc_load({to.port("grpc"), "/bench.counter.api.Counters/Increment", commands, 256})
      .send_each_once();
}

// The process says itself how many it holds; what it does not hold must not be counted.
std::size_t resident_entities(const service_process& of) {
  auto metrics = send_http(of.port("admin"), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  constexpr std::string_view name = "\nperdure_resident_entities ";
  auto found = metrics.find(name);
  if (found == metrics.npos) throw std::runtime_error("/metrics does not tell: " + metrics);
  return std::stoul(metrics.substr(found + name.size()));
}

Figure per_entity(const surroundings& with) {
  scratch_folder folder(with.data);
  service_process counter(service_command(
      with.counter, folder.path(), {"--resident-entities-max", "1000000", "--idle-max", "1h"}));
  // Threads, buffers and code that the first commands bring in are not the entities'.
  send(counter, increments("warm-up-", 10'000));
  auto before = counter.resident_bytes();
  auto held_before = resident_entities(counter);
  send(counter, increments("counter-", entities));
  auto after = counter.resident_bytes();
  if (resident_entities(counter) != held_before + entities) {
    throw std::runtime_error("not all entities stayed in memory");
  }

  ::bench::counter::domain::CounterState state;
  state.set_value(1);
  auto grown = static_cast<double>(after) - static_cast<double>(before);
  auto beside_state = grown / entities - static_cast<double>(state.SpaceUsedLong());
  return figure("memory_per_entity", beside_state, bytes_max, {goal_kind::at_most, 1}, "bytes",
                "growth of resident memory by 100,000 counters with one event each, less "
                "SpaceUsedLong() of their state (" +
                    std::to_string(state.SpaceUsedLong()) +
                    " bytes); what the store buffers of their events is counted too");
}

}  // namespace

std::vector<row> memory_rows() {
  return {{"memory_per_entity",
           [](const surroundings& with) { return std::vector{per_entity(with)}; }}};
}

}  // namespace perdure::bench
