#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/clock.hpp"
#include "cart_api.pb.h"
#include "persistence/step_store.hpp"

// Stores made at once, without a service.

namespace perdure::bench {

// Stores so many steps, in large groups; each gets its time here. Throws std::runtime_error when
// one cannot be stored.
void store_steps(persistence::step_store& in, hybrid_clock& times, std::size_t steps,
                 const std::function<persistence::step(std::size_t)>& step_number);

// Makes the data folder of a service that has stored one AddItem for each of `carts` carts, with
// ids as those of add_item_commands(). Throws std::runtime_error when it cannot.
void store_carts(const std::filesystem::path& folder, std::size_t carts);

// The same with a step for each of these commands, in their order.
void store_commands(const std::filesystem::path& folder,
                    const std::vector<cart::api::AddItemRequest>& commands);

}  // namespace perdure::bench
