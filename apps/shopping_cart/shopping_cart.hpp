#pragma once

#include "cart_api.perdure.hpp"

namespace cart {

using google::protobuf::Empty;

// A cart: items go in and out until it is checked out.
class shopping_cart final : public domain::shopping_cart_base {
 public:
  perdure::effect<Empty> add_item(const domain::Cart& cart,
                                  const api::AddItemRequest& command) override;
  perdure::effect<Empty> remove_item(const domain::Cart& cart,
                                     const api::RemoveItemRequest& command) override;
  perdure::effect<Empty> checkout(const domain::Cart& cart,
                                  const api::CheckoutRequest& command) override;
  perdure::effect<api::Cart> get_cart(const domain::Cart& cart,
                                      const api::GetCartRequest& command) override;

  domain::Cart on_item_added(domain::Cart cart, const domain::ItemAdded& event) override;
  domain::Cart on_item_removed(domain::Cart cart, const domain::ItemRemoved& event) override;
  domain::Cart on_checked_out(domain::Cart cart, const domain::CheckedOut& event) override;
};

}  // namespace cart
