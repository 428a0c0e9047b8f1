// Written by protoc-gen-perdure from shop.proto. Do not edit: change that file.
#include "shop.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace shop {

::perdure::entity_model order_base::model() {
  return {
      .entity_type = "order",
      .component = "shop.Order",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.Orders"),
      .state = ::shop::OrderState::descriptor(),
      .events = {},
      .create = {},
      .kind = ::perdure::entity_kind::key_value,
  };
}

::perdure::any_effect order_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::shop::OrderState&>(state);
  switch (method) {
    case 0:
      return this->create(
          current, static_cast<const ::shop::CreateRequest&>(command)).erase();
    case 1:
      return this->import(
          current, static_cast<const ::shop::CreateRequest&>(command)).erase();
    case 2:
      return this->pack(
          current, static_cast<const ::shop::OrderRequest&>(command)).erase();
    case 3:
      return this->get(
          current, static_cast<const ::shop::OrderRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace shop

namespace shop {

::perdure::call<::shop::Created> orders_calls::create(
    ::shop::CreateRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Orders.Create");
  return {method, ::std::move(request)};
}

::perdure::call<::shop::Created> orders_calls::import(
    ::shop::CreateRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Orders.Import");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> orders_calls::pack(
    ::shop::OrderRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Orders.Pack");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> orders_calls::get(
    ::shop::OrderRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Orders.Get");
  return {method, ::std::move(request)};
}

}  // namespace shop
