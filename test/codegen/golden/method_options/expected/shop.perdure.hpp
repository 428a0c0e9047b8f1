// Written by protoc-gen-perdure from shop.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "google/protobuf/empty.pb.h"
#include "shop.pb.h"

namespace shop {

/// The entity shop.Order, type "order", as served by shop.Orders.
/// Derive from it and override every pure virtual function.
class order_base
    : public ::perdure::key_value_entity<
        ::shop::OrderState> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::shop::CreateRequest,
        ::shop::CreateRequest,
        ::shop::OrderRequest,
        ::shop::OrderRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::shop::Created> create(
      const ::shop::OrderState& order_state,
      const ::shop::CreateRequest& command) = 0;

  virtual ::perdure::effect<::shop::Created> import(
      const ::shop::OrderState& order_state,
      const ::shop::CreateRequest& command) = 0;

  virtual ::perdure::effect<::google::protobuf::Empty> pack(
      const ::shop::OrderState& order_state,
      const ::shop::OrderRequest& command) = 0;

  virtual ::perdure::effect<::google::protobuf::Empty> get(
      const ::shop::OrderState& order_state,
      const ::shop::OrderRequest& command) = 0;

  // For the runtime: call the function of an rpc by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
};

}  // namespace shop

namespace shop {

/// Commands of shop.Orders, for effects that send or forward them, or start a timer.
struct orders_calls {
  static ::perdure::call<::shop::Created> create(
      ::shop::CreateRequest request);

  static ::perdure::call<::shop::Created> import(
      ::shop::CreateRequest request);

  static ::perdure::call<::google::protobuf::Empty> pack(
      ::shop::OrderRequest request);

  static ::perdure::call<::google::protobuf::Empty> get(
      ::shop::OrderRequest request);
};

}  // namespace shop
