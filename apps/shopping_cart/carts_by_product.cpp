// From a cart's events to rows of what is in it. What may be asked of them stands in the contract
// (cart_views.proto).

#include "carts_by_product.hpp"

#include <string>
#include <utility>

namespace cart {

using perdure::view_effect;

// A row is of a product in a cart, so the subject, which is the cart's id, is not its whole key.
// The length tells "a/b" with "c" from "a" with "b/c".
std::string carts_by_product::key_of(const std::string& product_id) const {
  const auto& cart_id = context().subject;
  return std::to_string(cart_id.size()) + ":" + cart_id + "/" + product_id;
}

view_effect<api::ItemRow> carts_by_product::on_item_added(std::optional<api::ItemRow>,
                                                          const domain::ItemAdded& event) {
  const auto& item = event.item();
  auto key = key_of(item.product_id());
  auto row = items().find(key).value_or(api::ItemRow());
  row.set_cart_id(context().subject);
  row.set_product_id(item.product_id());
  row.set_quantity(row.quantity() + item.quantity());
  return effects().put(std::move(key), std::move(row));
}

view_effect<api::ItemRow> carts_by_product::on_item_removed(std::optional<api::ItemRow>,
                                                            const domain::ItemRemoved& event) {
  return effects().remove(key_of(event.product_id()));
}

view_effect<api::CheckedOutRow> carts_by_product::on_checked_out(std::optional<api::CheckedOutRow>,
                                                                 const domain::CheckedOut&) {
  api::CheckedOutRow row;
  row.set_cart_id(context().subject);
  return effects().put(std::move(row));
}

}  // namespace cart
