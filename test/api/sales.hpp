#pragma once

#include "sales.perdure.hpp"

namespace shop {

using perdure::view_effect;

// What is sold: a row per order, and of each product how much.
class sales : public sales_base {
 public:
  view_effect<Sale> on_placed(std::optional<Sale> row, const Placed& event) override;
  view_effect<Sale> on_paid(std::optional<Sale> row, const Paid& event) override;
  view_effect<Sale> on_cancelled(std::optional<Sale> row, const Cancelled& event) override;
  view_effect<Sale> on_deleted(std::optional<Sale> row) override;
};

}  // namespace shop
