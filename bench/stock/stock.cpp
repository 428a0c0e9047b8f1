// Items and views of them: next to nothing of their own, so what is measured is the platform.

#include "stock.hpp"

#include <string>
#include <utility>

namespace bench::stock {
namespace {

using google::protobuf::Empty;

api::StockRow counted(std::optional<api::StockRow> row, const std::string& item_id,
                      const domain::ItemCounted& event) {
  auto made = std::move(row).value_or(api::StockRow());
  made.set_item_id(item_id);
  made.set_name(event.name());
  made.set_shelf(event.shelf());
  made.set_quantity(event.quantity());
  return made;
}

}  // namespace

perdure::effect<Empty> item::count(const domain::ItemState&, const api::CountRequest& command) {
  domain::ItemCounted event;
  event.set_name(command.name());
  event.set_shelf(command.shelf());
  event.set_quantity(command.quantity());
  return effects().emit(std::move(event)).then_reply(Empty{});
}

domain::ItemState item::on_item_counted(domain::ItemState state, const domain::ItemCounted& event) {
  state.set_quantity(event.quantity());
  return state;
}

perdure::view_effect<api::StockRow> stock_view::on_item_counted(std::optional<api::StockRow> row,
                                                                const domain::ItemCounted& event) {
  return effects().put(counted(std::move(row), context().subject, event));
}

perdure::view_effect<api::StockRow> live_stock_view::on_item_counted(
    std::optional<api::StockRow> row, const domain::ItemCounted& event) {
  return effects().put(counted(std::move(row), context().subject, event));
}

}  // namespace bench::stock
