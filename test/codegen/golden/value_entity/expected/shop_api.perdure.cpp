// Written by protoc-gen-perdure from shop_api.proto. Do not edit: change that file.
#include "shop_api.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace shop::domain {

::perdure::entity_model customer_base::model() {
  return {
      .entity_type = "customer",
      .component = "shop.domain.Customer",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.api.Customers"),
      .state = ::shop::domain::CustomerState::descriptor(),
      .events = {},
      .create = {},
      .kind = ::perdure::entity_kind::key_value,
  };
}

::perdure::any_effect customer_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::shop::domain::CustomerState&>(state);
  switch (method) {
    case 0:
      return this->put(
          current, static_cast<const ::shop::api::PutRequest&>(command)).erase();
    case 1:
      return this->get(
          current, static_cast<const ::shop::api::GetRequest&>(command)).erase();
    case 2:
      return this->delete_(
          current, static_cast<const ::shop::api::DeleteRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace shop::domain

namespace shop::api {

::perdure::call<::google::protobuf::Empty> customers_calls::put(
    ::shop::api::PutRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.api.Customers.Put");
  return {method, ::std::move(request)};
}

::perdure::call<::shop::api::Customer> customers_calls::get(
    ::shop::api::GetRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.api.Customers.Get");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> customers_calls::delete_(
    ::shop::api::DeleteRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.api.Customers.Delete");
  return {method, ::std::move(request)};
}

}  // namespace shop::api
