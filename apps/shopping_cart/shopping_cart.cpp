// The shopping cart's rules. Command handlers decide and change nothing; event handlers change the
// state and decide nothing, because they run again at every recovery.

#include "shopping_cart.hpp"

#include <algorithm>
#include <limits>

#include "carts_by_product.hpp"
#include "perdure/module.hpp"

namespace cart {
namespace {

constexpr auto quantity_max = std::numeric_limits<std::int32_t>::max();

auto find_item(const domain::Cart& cart, const std::string& product_id) {
  return std::ranges::find(cart.items(), product_id, &domain::LineItem::product_id);
}

}  // namespace

using perdure::effect;
using perdure::status_code;

effect<Empty> shopping_cart::add_item(const domain::Cart& cart,
                                      const api::AddItemRequest& command) {
  if (cart.checked_out())
    return effects().reject(status_code::failed_precondition, "the cart is checked out");
  if (command.product_id().empty())
    return effects().reject(status_code::invalid_argument, "product_id must not be empty");
  if (command.quantity() < 1)
    return effects().reject(status_code::invalid_argument, "quantity must be at least 1");
  auto there = find_item(cart, command.product_id());
  if (there != cart.items().end() && command.quantity() > quantity_max - there->quantity())
    return effects().reject(status_code::out_of_range, "no cart holds that many of one product");

  domain::ItemAdded added;
  added.mutable_item()->set_product_id(command.product_id());
  added.mutable_item()->set_name(command.name());
  added.mutable_item()->set_quantity(command.quantity());
  return effects().emit(std::move(added)).then_reply(Empty{});
}

effect<Empty> shopping_cart::remove_item(const domain::Cart& cart,
                                         const api::RemoveItemRequest& command) {
  if (cart.checked_out())
    return effects().reject(status_code::failed_precondition, "the cart is checked out");
  if (find_item(cart, command.product_id()) == cart.items().end())
    return effects().reject(status_code::not_found,
                            "the cart holds no \"" + command.product_id() + "\"");

  domain::ItemRemoved removed;
  removed.set_product_id(command.product_id());
  return effects().emit(std::move(removed)).then_reply(Empty{});
}

effect<Empty> shopping_cart::checkout(const domain::Cart& cart, const api::CheckoutRequest&) {
  if (cart.checked_out())
    return effects().reject(status_code::failed_precondition, "the cart is checked out already");
  if (cart.items().empty())
    return effects().reject(status_code::failed_precondition, "the cart is empty");
  return effects().emit(domain::CheckedOut{}).then_reply(Empty{});
}

effect<api::Cart> shopping_cart::get_cart(const domain::Cart& cart, const api::GetCartRequest&) {
  api::Cart reply;
  for (const auto& item : cart.items()) {
    auto& line = *reply.add_items();
    line.set_product_id(item.product_id());
    line.set_name(item.name());
    line.set_quantity(item.quantity());
  }
  reply.set_checked_out(cart.checked_out());
  return effects().reply(std::move(reply));
}

domain::Cart shopping_cart::on_item_added(domain::Cart cart, const domain::ItemAdded& event) {
  auto& items = *cart.mutable_items();
  auto found = std::ranges::find(items, event.item().product_id(), &domain::LineItem::product_id);
  if (found == items.end()) {
    *cart.add_items() = event.item();
  } else {
    found->set_quantity(found->quantity() + event.item().quantity());
  }
  return cart;
}

domain::Cart shopping_cart::on_item_removed(domain::Cart cart, const domain::ItemRemoved& event) {
  auto& items = *cart.mutable_items();
  items.erase(std::ranges::find(items, event.product_id(), &domain::LineItem::product_id));
  return cart;
}

domain::Cart shopping_cart::on_checked_out(domain::Cart cart, const domain::CheckedOut&) {
  cart.set_checked_out(true);
  return cart;
}

}  // namespace cart

PERDURE_SERVICE(service) {
  service.name("cart").add<cart::shopping_cart>().add<cart::carts_by_product>();
}
