// Written by protoc-gen-perdure from shop.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "shop.pb.h"

namespace shop {

/// The entity shop.Cart, type "cart", as served by shop.Carts.
/// Derive from it and override every pure virtual function.
class cart_base
    : public ::perdure::event_sourced_entity<
        ::shop::CartState,
        ::shop::ItemAdded,
        ::shop::ItemRemoved,
        ::shop::CheckedOut> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::shop::CartRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::shop::CartState> get(
      const ::shop::CartState& cart_state,
      const ::shop::CartRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::shop::CartState on_item_added(
      ::shop::CartState cart_state,
      const ::shop::ItemAdded& event) = 0;

  virtual ::shop::CartState on_item_removed(
      ::shop::CartState cart_state,
      const ::shop::ItemRemoved& event) = 0;

  virtual ::shop::CartState on_checked_out(
      ::shop::CartState cart_state,
      const ::shop::CheckedOut& event) = 0;

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

}  // namespace shop

namespace shop {

/// Commands of shop.Carts, for effects that send or forward them, or start a timer.
struct carts_calls {
  static ::perdure::call<::shop::CartState> get(
      ::shop::CartRequest request);
};

}  // namespace shop

namespace shop {

/// The entity shop.Customer, type "customer", as served by shop.Customers.
/// Derive from it and override every pure virtual function.
class customer_base
    : public ::perdure::key_value_entity<
        ::shop::CustomerState> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::shop::CustomerRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::shop::CustomerState> get(
      const ::shop::CustomerState& customer_state,
      const ::shop::CustomerRequest& command) = 0;

  // For the runtime: call the function of an rpc by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
};

}  // namespace shop

namespace shop {

/// Commands of shop.Customers, for effects that send or forward them, or start a timer.
struct customers_calls {
  static ::perdure::call<::shop::CustomerState> get(
      ::shop::CustomerRequest request);
};

}  // namespace shop
