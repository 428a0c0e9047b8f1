#pragma once

#include <optional>

#include "cart_views.perdure.hpp"

namespace cart {

// In which carts a product is.
class carts_by_product final : public api::carts_by_product_base {
 public:
  perdure::view_effect<api::ItemRow> on_item_added(std::optional<api::ItemRow>,
                                                   const domain::ItemAdded& event) override;
  perdure::view_effect<api::ItemRow> on_item_removed(std::optional<api::ItemRow>,
                                                     const domain::ItemRemoved& event) override;
  perdure::view_effect<api::CheckedOutRow> on_checked_out(std::optional<api::CheckedOutRow>,
                                                          const domain::CheckedOut& event) override;

 private:
  std::string key_of(const std::string& product_id) const;
};

}  // namespace cart
