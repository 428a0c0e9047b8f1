// The handlers of a view. docs/reference/views.md shows parts of them.

#include "sales.hpp"

#include <stdexcept>

namespace shop {
namespace {

Product changed(const perdure::view_table<Product>& products, const std::string& name, int by) {
  auto product = products.find(name).value_or(Product());
  product.set_name(name);
  product.set_sold(product.sold() + by);
  return product;
}

}  // namespace

// [handler]
view_effect<Sale> sales::on_placed(std::optional<Sale>, const Placed& event) {
  Sale sale;
  sale.set_order_id(context().subject);
  sale.set_product(event.product());
  sale.set_quantity(event.quantity());
  auto product = changed(products(), event.product(), event.quantity());
  return effects().put(sale).put(products(), event.product(), product);
}
// [/handler]

view_effect<Sale> sales::on_paid(std::optional<Sale> row, const Paid&) {
  if (!row) throw std::runtime_error("an order that was never placed is paid");
  row->set_paid(true);
  return effects().put(*row);
}

view_effect<Sale> sales::on_cancelled(std::optional<Sale> row, const Cancelled&) {
  if (!row) return effects().ignore();
  auto product = changed(products(), row->product(), -row->quantity());
  if (product.sold() == 0) return effects().remove().remove(products(), row->product());
  return effects().put(products(), row->product(), product).remove();
}

// [on_deleted]
view_effect<Sale> sales::on_deleted(std::optional<Sale> row) {
  if (row && row->paid()) return effects().ignore();
  return effects().remove();
}
// [/on_deleted]

}  // namespace shop
