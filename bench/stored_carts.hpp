#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "cart_api.pb.h"

// Stores made at once, without a service.

namespace perdure::bench {

// Makes the data folder of a service that has stored one AddItem for each of `carts` carts, with
// ids as those of add_item_commands(). Throws std::runtime_error when it cannot.
void store_carts(const std::filesystem::path& folder, std::size_t carts);

// The same with a step for each of these commands, in their order.
void store_commands(const std::filesystem::path& folder,
                    const std::vector<cart::api::AddItemRequest>& commands);

}  // namespace perdure::bench
