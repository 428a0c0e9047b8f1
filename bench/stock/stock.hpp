#pragma once

#include <optional>

#include "live_stock.perdure.hpp"
#include "stock_api.perdure.hpp"
#include "stock_views.perdure.hpp"

namespace bench::stock {

// Is counted.
class item final : public domain::item_base {
 public:
  perdure::effect<google::protobuf::Empty> count(const domain::ItemState& state,
                                                 const api::CountRequest& command) override;
  domain::ItemState on_item_counted(domain::ItemState state,
                                    const domain::ItemCounted& event) override;
};

// A row for each item, as it was last counted.
class stock_view final : public api::stock_view_base {
 public:
  perdure::view_effect<api::StockRow> on_item_counted(std::optional<api::StockRow> row,
                                                      const domain::ItemCounted& event) override;
};

class live_stock_view final : public api::live_stock_view_base {
 public:
  perdure::view_effect<api::StockRow> on_item_counted(std::optional<api::StockRow> row,
                                                      const domain::ItemCounted& event) override;
};

}  // namespace bench::stock
