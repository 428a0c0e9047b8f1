// Written by protoc-gen-perdure from shop_api.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "google/protobuf/empty.pb.h"
#include "shop_api.pb.h"
#include "shop_domain.pb.h"

namespace shop::domain {

/// The entity shop.domain.Customer, type "customer", as served by shop.api.Customers.
/// Derive from it and override every pure virtual function.
class customer_base
    : public ::perdure::key_value_entity<
        ::shop::domain::CustomerState> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::shop::api::PutRequest,
        ::shop::api::GetRequest,
        ::shop::api::DeleteRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  /// Replaces what is there.
  virtual ::perdure::effect<::google::protobuf::Empty> put(
      const ::shop::domain::CustomerState& customer_state,
      const ::shop::api::PutRequest& command) = 0;

  virtual ::perdure::effect<::shop::api::Customer> get(
      const ::shop::domain::CustomerState& customer_state,
      const ::shop::api::GetRequest& command) = 0;

  virtual ::perdure::effect<::google::protobuf::Empty> delete_(
      const ::shop::domain::CustomerState& customer_state,
      const ::shop::api::DeleteRequest& command) = 0;

  // For the runtime: call the function of an rpc by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
};

}  // namespace shop::domain

namespace shop::api {

/// Commands of shop.api.Customers, for effects that send or forward them, or start a timer.
struct customers_calls {
  /// Replaces what is there.
  static ::perdure::call<::google::protobuf::Empty> put(
      ::shop::api::PutRequest request);

  static ::perdure::call<::shop::api::Customer> get(
      ::shop::api::GetRequest request);

  static ::perdure::call<::google::protobuf::Empty> delete_(
      ::shop::api::DeleteRequest request);
};

}  // namespace shop::api
