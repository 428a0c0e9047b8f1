// gateway/: from a request to a command, up to the router.

#include <benchmark/benchmark.h>

#include "base/check.hpp"
#include "bench/cart_steps.hpp"
#include "bench/carts.hpp"
#include "gateway/command_endpoint.hpp"
#include "gateway/http_json.hpp"
#include "gateway/http_routes.hpp"

namespace perdure::bench {
namespace {

using namespace perdure::gateway;

void parse_protobuf(benchmark::State& state) {
  auto bytes = add_item_commands(1).front().SerializeAsString();
  for (auto _ : state) {
    auto parsed = std::make_unique<cart::api::AddItemRequest>();
    benchmark::DoNotOptimize(parsed->ParseFromString(bytes));
  }
}
BENCHMARK(parse_protobuf);

void json_to_message(benchmark::State& state) {
  auto json = to_json(add_item_commands(1).front());
  PERDURE_CHECK(json.ok());
  cart::api::AddItemRequest parsed;
  for (auto _ : state) PERDURE_CHECK(parse_json(*json, parsed).ok());
}
BENCHMARK(json_to_message);

void message_to_json(benchmark::State& state) {
  auto command = add_item_commands(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(to_json(command));
}
BENCHMARK(message_to_json);

void find_a_route(benchmark::State& state) {
  auto catalog = service_catalog::of(cart_models());
  PERDURE_CHECK(catalog.ok());
  auto routes = http_routes::of(*catalog);
  PERDURE_CHECK(routes.ok());
  PERDURE_CHECK(routes->find("POST", "/carts/cart-1000001/items").route != nullptr);
  for (auto _ : state) {
    benchmark::DoNotOptimize(routes->find("POST", "/carts/cart-1000001/items"));
  }
}
BENCHMARK(find_a_route);

// A call becomes a command, which nobody takes.
void endpoint_submit(benchmark::State& state) {
  auto catalog = service_catalog::of(cart_models());
  PERDURE_CHECK(catalog.ok());
  const auto* method = catalog->find("/cart.api.ShoppingCart/AddItem");
  PERDURE_CHECK(method != nullptr);
  system_clock clock;
  std::size_t submitted = 0;
  destinations where;
  where.submit = [&](const actors::command&) { ++submitted; };
  command_endpoint endpoint(std::move(where), clock, limits{});
  auto command = add_item_commands(1).front();
  std::size_t called = 0;
  for (auto _ : state) {
    received_call c;
    c.method = method;
    c.request = std::make_unique<cart::api::AddItemRequest>(command);
    c.request_bytes = 60;
    c.metadata.emplace("user-agent", "bench");
    auto made = endpoint.command_of(std::move(c));
    PERDURE_CHECK(made.ok());
    made->reply = [](const actors::outcome&) {};
    endpoint.submit(*std::move(made));
    ++called;
  }
  PERDURE_CHECK(submitted == called);
}
BENCHMARK(endpoint_submit);

}  // namespace
}  // namespace perdure::bench
