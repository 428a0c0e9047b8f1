// Classes over the output of golden/views. As they are they compile; with one of the macros they
// must not (test/codegen/CMakeLists.txt).

#include "views.perdure.hpp"

#include "perdure/service.hpp"

namespace {

using perdure::view_effect;
using shop::views::CustomerName;
using shop::views::Order;
using shop::views::ProductInCart;

struct carts final : shop::views::products_in_carts_base {
  view_effect<ProductInCart> on_item_added(std::optional<ProductInCart> row,
                                           const shop::ItemAdded& event) override {
#ifdef OTHER_ROW
    return effects().put(CustomerName{});
#endif
#ifdef ROW_OF_OTHER_TABLE
    return effects().put(class_(), "ann", ProductInCart{});
#endif
    if (row) return effects().put(*row).remove("old").put("new", *row);
    auto line = products().find(event.product()).value_or(ProductInCart());
    return effects().put(new_orders(), "x", Order{}).put(line).remove(class_(), "ann");
  }
  view_effect<ProductInCart> on_item_removed(std::optional<ProductInCart>,
                                             const shop::ItemRemoved& event) override {
    return effects().remove(event.product()).put(class_(), "ann", CustomerName{});
  }
#ifndef MISSING_HANDLER
  view_effect<ProductInCart> on_cart_deleted(std::optional<ProductInCart>) override {
    return effects().remove();
  }
#endif
  view_effect<CustomerName> on_customer(std::optional<CustomerName> row,
                                        const shop::CustomerState& event) override {
    if (row && row->name() == event.name()) return effects().ignore();
    CustomerName name;
    name.set_name(event.name());
    return effects().put(name);
  }
};

[[maybe_unused]] void make(class perdure::service& into) {
  into.add<carts>().add<shop::views::customers_by_city_base>();
#ifdef HANDLERS_LEFT_OUT
  into.add<shop::views::products_in_carts_base>();
#endif
}

}  // namespace
