// Written by protoc-gen-perdure from cart_api.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "cart_api.pb.h"
#include "cart_domain.pb.h"
#include "google/protobuf/empty.pb.h"

namespace cart::domain {

/// The entity cart.domain.ShoppingCart, type "shopping-cart", as served by cart.api.ShoppingCart.
/// Derive from it and override every pure virtual function.
class shopping_cart_base
    : public ::perdure::event_sourced_entity<
        ::cart::domain::Cart,
        ::cart::domain::ItemAdded,
        ::cart::domain::CheckedOut> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::cart::api::AddItemRequest,
        ::cart::api::CheckoutRequest,
        ::cart::api::GetCartRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  /// Adds a product.
  ///
  /// Costs $5; a backslash at the end of a line draws nothing in:
  virtual ::perdure::effect<::google::protobuf::Empty> add_item(
      const ::cart::domain::Cart& cart,
      const ::cart::api::AddItemRequest& command) = 0;

  virtual ::perdure::effect<::google::protobuf::Empty> checkout(
      const ::cart::domain::Cart& cart,
      const ::cart::api::CheckoutRequest& command) = 0;

  virtual ::perdure::effect<::cart::api::Cart> get_cart(
      const ::cart::domain::Cart& cart,
      const ::cart::api::GetCartRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  /// Something went into the cart.
  virtual ::cart::domain::Cart on_item_added(
      ::cart::domain::Cart cart,
      const ::cart::domain::ItemAdded& event) = 0;

  virtual ::cart::domain::Cart on_checked_out(
      ::cart::domain::Cart cart,
      const ::cart::domain::CheckedOut& event) = 0;

  // For the runtime: call the function of an rpc or event by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
  void apply(
      ::std::size_t event,
      ::google::protobuf::Message& state,
      const ::google::protobuf::Message& message) final;
};

}  // namespace cart::domain

namespace cart::api {

/// Commands of cart.api.ShoppingCart, for effects that send or forward them, or start a timer.
struct shopping_cart_calls {
  /// Adds a product.
  ///
  /// Costs $5; a backslash at the end of a line draws nothing in:
  static ::perdure::call<::google::protobuf::Empty> add_item(
      ::cart::api::AddItemRequest request);

  static ::perdure::call<::google::protobuf::Empty> checkout(
      ::cart::api::CheckoutRequest request);

  static ::perdure::call<::cart::api::Cart> get_cart(
      ::cart::api::GetCartRequest request);
};

}  // namespace cart::api
