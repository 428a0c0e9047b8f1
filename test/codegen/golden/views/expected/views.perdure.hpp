// Written by protoc-gen-perdure from views.proto. Do not edit: change that file.
#pragma once

#include <cstddef>
#include <optional>

#include "perdure/view.hpp"

#include "google/protobuf/empty.pb.h"
#include "shop.pb.h"
#include "views.pb.h"

namespace shop::views {

/// The view shop.views.CustomersByCity.
/// It has no handlers, and can be added to a service as it is.
class customers_by_city_base : public ::perdure::view {
 public:
  /// What the runtime knows of this view; it adds `create` itself.
  static ::perdure::view_model model();

  // For the runtime: calls the function of an rpc by its index.

  ::perdure::any_view_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message* row,
      const ::google::protobuf::Message& message) final;

 protected:
  /// The table "customers".
  ::perdure::view_table<::shop::CustomerState> customers() const;
};

}  // namespace shop::views

namespace shop::views {

/// The view shop.views.CartsByProduct.
/// Derive from it and override every pure virtual function.
class products_in_carts_base : public ::perdure::view {
 public:
  /// What the runtime knows of this view; it adds `create` itself.
  static ::perdure::view_model model();

  /// A product was put into a cart.
  virtual ::perdure::view_effect<::shop::views::ProductInCart> on_item_added(
      ::std::optional<::shop::views::ProductInCart> row,
      const ::shop::ItemAdded& event) = 0;

  virtual ::perdure::view_effect<::shop::views::ProductInCart> on_item_removed(
      ::std::optional<::shop::views::ProductInCart> row,
      const ::shop::ItemRemoved& event) = 0;

  /// A cart is gone.
  virtual ::perdure::view_effect<::shop::views::ProductInCart> on_cart_deleted(
      ::std::optional<::shop::views::ProductInCart> row) = 0;

  virtual ::perdure::view_effect<::shop::views::CustomerName> on_customer(
      ::std::optional<::shop::views::CustomerName> row,
      const ::shop::CustomerState& event) = 0;

  // For the runtime: calls the function of an rpc by its index.

  ::perdure::any_view_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message* row,
      const ::google::protobuf::Message& message) final;

 protected:
  /// The table "products".
  ::perdure::view_table<::shop::views::ProductInCart> products() const;
  /// The table "class".
  ::perdure::view_table<::shop::views::CustomerName> class_() const;
  /// The table "newOrders".
  ::perdure::view_table<::shop::views::Order> new_orders() const;
};

}  // namespace shop::views
