// Written by protoc-gen-perdure from cart_api.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/action.hpp"
#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "cart_api.pb.h"
#include "cart_domain.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/wrappers.pb.h"

namespace cart::domain {

/// The entity cart.domain.ShoppingCart, type "shopping-cart", as served by cart.api.ShoppingCart.
/// Derive from it and override every pure virtual function.
class shopping_cart_base
    : public ::perdure::event_sourced_entity<
        ::cart::domain::Cart,
        ::cart::domain::ItemAdded,
        ::cart::domain::ItemRemoved,
        ::cart::domain::CheckedOut> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::cart::api::CartRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::cart::domain::Cart> get(
      const ::cart::domain::Cart& cart,
      const ::cart::api::CartRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::cart::domain::Cart on_item_added(
      ::cart::domain::Cart cart,
      const ::cart::domain::ItemAdded& event) = 0;

  virtual ::cart::domain::Cart on_item_removed(
      ::cart::domain::Cart cart,
      const ::cart::domain::ItemRemoved& event) = 0;

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
  static ::perdure::call<::cart::domain::Cart> get(
      ::cart::api::CartRequest request);
};

}  // namespace cart::api

namespace cart::domain {

/// The entity cart.domain.Customer, type "customer", as served by cart.api.Customers.
/// Derive from it and override every pure virtual function.
class customer_base
    : public ::perdure::key_value_entity<
        ::cart::domain::CustomerState> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::cart::api::CartRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::cart::domain::CustomerState> get(
      const ::cart::domain::CustomerState& customer_state,
      const ::cart::api::CartRequest& command) = 0;

  // For the runtime: call the function of an rpc by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
};

}  // namespace cart::domain

namespace cart::api {

/// Commands of cart.api.Customers, for effects that send or forward them, or start a timer.
struct customers_calls {
  static ::perdure::call<::cart::domain::CustomerState> get(
      ::cart::api::CartRequest request);
};

}  // namespace cart::api

namespace cart::api {

/// The action cart.api.Everything.
/// Derive from it and override every pure virtual function.
class everything_base : public ::perdure::action {
 public:
  /// What the runtime knows of this action; it adds `create` itself.
  static ::perdure::action_model model();

  virtual ::perdure::task<::perdure::action_effect<::cart::domain::CheckedOut>> on_item_added(
      const ::cart::domain::ItemAdded& request) = 0;

  /// Whoever has no topic can call it over HTTP.
  virtual ::perdure::task<::perdure::action_effect<::google::protobuf::Empty>> on_checked_out(
      const ::cart::domain::CheckedOut& request) = 0;

  virtual ::perdure::task<::perdure::action_effect<::google::protobuf::Empty>> on_cart_deleted(
      const ::google::protobuf::Empty& request) = 0;

  virtual ::perdure::task<::perdure::action_effect<::google::protobuf::Empty>> on_customer(
      const ::cart::domain::CustomerState& request) = 0;

  virtual ::perdure::task<::perdure::action_effect<::google::protobuf::Empty>> on_elsewhere(
      const ::cart::domain::ItemRemoved& request) = 0;

  virtual ::perdure::task<::perdure::action_effect<::google::protobuf::Empty>> on_text(
      const ::google::protobuf::StringValue& request) = 0;

  // For the runtime: calls the function of an rpc by its index.

  ::perdure::action_output handle(
      ::std::size_t method,
      ::perdure::action_input& input) final;
};

}  // namespace cart::api

namespace cart::api {

/// Commands of cart.api.Everything, for effects that send or forward them, or start a timer.
struct everything_calls {
  static ::perdure::call<::cart::domain::CheckedOut> on_item_added(
      ::cart::domain::ItemAdded request);

  /// Whoever has no topic can call it over HTTP.
  static ::perdure::call<::google::protobuf::Empty> on_checked_out(
      ::cart::domain::CheckedOut request);

  static ::perdure::call<::google::protobuf::Empty> on_cart_deleted(
      ::google::protobuf::Empty request);

  static ::perdure::call<::google::protobuf::Empty> on_customer(
      ::cart::domain::CustomerState request);

  static ::perdure::call<::google::protobuf::Empty> on_elsewhere(
      ::cart::domain::ItemRemoved request);

  static ::perdure::call<::google::protobuf::Empty> on_text(
      ::google::protobuf::StringValue request);
};

}  // namespace cart::api
