#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cart_api.pb.h"

// The AddItem commands of all loads: the same bytes for every side.

namespace perdure::bench {

inline constexpr const char* add_item_path = "/cart.api.ShoppingCart/AddItem";

// Enough that no two commands in flight are often for one cart.
inline constexpr std::size_t many_carts = 10'000;

std::string cart_id(std::size_t number);

// Four commands for each of `carts` carts, one per product, in a random order that is always the
// same. A cart holds four lines at most, whose quantities grow by one with each command.
std::vector<cart::api::AddItemRequest> add_item_commands(std::size_t carts);

// As the HTTP request that a client would send, with its head.
std::string http_request(const cart::api::AddItemRequest& command);

// The same commands encoded, and as HTTP requests.
std::vector<std::string> add_item_bytes(std::size_t carts);
std::vector<std::string> add_item_http_requests(std::size_t carts);

}  // namespace perdure::bench
