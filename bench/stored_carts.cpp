// Stores made at once: steps given to the store in large groups, which is as quick as its disk.

#include "bench/stored_carts.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "bench/cart_steps.hpp"
#include "bench/carts.hpp"
#include "persistence/rocksdb_step_store.hpp"

namespace perdure::bench {
namespace {

// Makes a store of so many steps.
void store(const std::filesystem::path& folder, std::size_t steps,
           const std::function<persistence::step(std::size_t)>& step_number) {
  system_clock time;
  hybrid_clock times(time);
  auto opened = persistence::rocksdb_step_store::open({.folder = folder, .clock = time});
  if (!opened.ok()) throw std::runtime_error(opened.error().message());
  store_steps(**opened, times, steps, step_number);
}

}  // namespace

void store_steps(persistence::step_store& in, hybrid_clock& times, std::size_t steps,
                 const std::function<persistence::step(std::size_t)>& step_number) {
  constexpr std::size_t group_size = 4096;
  std::vector<persistence::step> group;
  for (std::size_t i = 0; i < steps; ++i) {
    group.push_back(step_number(i));
    group.back().time = times.next();
    if (group.size() < group_size && i + 1 < steps) continue;
    for (const auto& s : in.commit(group)) {
      if (!s.ok()) throw std::runtime_error("storing: " + to_string(s));
    }
    group.clear();
  }
}

void store_carts(const std::filesystem::path& folder, std::size_t carts) {
  cart::api::AddItemRequest command;
  command.set_product_id("product-0");
  command.set_name("A tin of blue paint");
  command.set_quantity(1);
  store(folder, carts, [&](std::size_t i) {
    command.set_cart_id(cart_id(i));
    return step_of(command);
  });
}

void store_commands(const std::filesystem::path& folder,
                    const std::vector<cart::api::AddItemRequest>& commands) {
  std::unordered_map<std::string, sequence_nr> last;  // of each cart
  store(folder, commands.size(), [&](std::size_t i) {
    auto s = step_of(commands[i]);
    s.expected = last[s.entity.id];
    last[s.entity.id] = s.last();
    return s;
  });
}

}  // namespace perdure::bench
