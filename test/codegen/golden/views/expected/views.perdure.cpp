// Written by protoc-gen-perdure from views.proto. Do not edit: change that file.
#include "views.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace shop::views {

::perdure::view_model customers_by_city_base::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.views.CustomersByCity"),
      .create = {},
  };
}

::perdure::any_view_effect customers_by_city_base::handle(
    ::std::size_t method,
    [[maybe_unused]] const ::google::protobuf::Message* row,
    [[maybe_unused]] const ::google::protobuf::Message& message) {
  switch (method) {
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

::perdure::view_table<::shop::CustomerState> customers_by_city_base::customers() const {
  return this->table<::shop::CustomerState>("customers");
}

}  // namespace shop::views

namespace shop::views {

::perdure::view_model products_in_carts_base::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.views.CartsByProduct"),
      .create = {},
  };
}

::perdure::any_view_effect products_in_carts_base::handle(
    ::std::size_t method,
    [[maybe_unused]] const ::google::protobuf::Message* row,
    [[maybe_unused]] const ::google::protobuf::Message& message) {
  switch (method) {
    case 1:
      return this->on_item_added(
          ::perdure::typed_row<::shop::views::ProductInCart>(row),
          static_cast<const ::shop::ItemAdded&>(message)).erase();
    case 2:
      return this->on_item_removed(
          ::perdure::typed_row<::shop::views::ProductInCart>(row),
          static_cast<const ::shop::ItemRemoved&>(message)).erase();
    case 3:
      return this->on_cart_deleted(
          ::perdure::typed_row<::shop::views::ProductInCart>(row)).erase();
    case 4:
      return this->on_customer(
          ::perdure::typed_row<::shop::views::CustomerName>(row),
          static_cast<const ::shop::CustomerState&>(message)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

::perdure::view_table<::shop::views::ProductInCart> products_in_carts_base::products() const {
  return this->table<::shop::views::ProductInCart>("products");
}

::perdure::view_table<::shop::views::CustomerName> products_in_carts_base::class_() const {
  return this->table<::shop::views::CustomerName>("class");
}

::perdure::view_table<::shop::views::Order> products_in_carts_base::new_orders() const {
  return this->table<::shop::views::Order>("newOrders");
}

}  // namespace shop::views
