// The commands that are sent. Made beforehand, so that sending one costs a driver nothing.

#include "bench/carts.hpp"

#include <algorithm>
#include <random>

#include "base/check.hpp"
#include "gateway/http_json.hpp"

namespace perdure::bench {

std::string cart_id(std::size_t number) { return "cart-" + std::to_string(1'000'000 + number); }

std::vector<cart::api::AddItemRequest> add_item_commands(std::size_t carts) {
  std::vector<cart::api::AddItemRequest> commands;
  for (std::size_t i = 0; i < carts; ++i) {
    for (int product = 0; product < 4; ++product) {
      auto& command = commands.emplace_back();
      command.set_cart_id(cart_id(i));
      command.set_product_id("product-" + std::to_string(product));
      command.set_name("A tin of blue paint");
      command.set_quantity(1);
    }
  }
  std::ranges::shuffle(commands, std::mt19937(1));
  return commands;
}

std::vector<std::string> add_item_bytes(std::size_t carts) {
  std::vector<std::string> encoded;
  for (const auto& command : add_item_commands(carts)) {
    encoded.push_back(command.SerializeAsString());
  }
  return encoded;
}

std::string http_request(const cart::api::AddItemRequest& command) {
  auto body = gateway::to_json(command);
  PERDURE_CHECK(body.ok());
  return "POST /carts/" + command.cart_id() +
         "/items HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body->size()) + "\r\n\r\n" + *body;
}

std::vector<std::string> add_item_http_requests(std::size_t carts) {
  std::vector<std::string> requests;
  for (const auto& command : add_item_commands(carts)) requests.push_back(http_request(command));
  return requests;
}

}  // namespace perdure::bench
