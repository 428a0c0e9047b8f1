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
      .events = {
          ::shop::Placed::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect order_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::shop::OrderState&>(state);
  switch (method) {
    case 0:
      return this->place(
          current, static_cast<const ::shop::OrderRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void order_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::shop::OrderState&>(state);
  switch (event) {
    case 0:
      current = this->on_placed(
          ::std::move(current), static_cast<const ::shop::Placed&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace shop

namespace shop {

::perdure::call<::google::protobuf::Empty> orders_calls::place(
    ::shop::OrderRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Orders.Place");
  return {method, ::std::move(request)};
}

}  // namespace shop

namespace shop {

::perdure::entity_model customer_base::model() {
  return {
      .entity_type = "customer",
      .component = "shop.Customer",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.Customers"),
      .state = ::shop::CustomerState::descriptor(),
      .events = {},
      .create = {},
      .kind = ::perdure::entity_kind::key_value,
  };
}

::perdure::any_effect customer_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::shop::CustomerState&>(state);
  switch (method) {
    case 0:
      return this->get(
          current, static_cast<const ::shop::CustomerRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace shop

namespace shop {

::perdure::call<::google::protobuf::Empty> customers_calls::get(
    ::shop::CustomerRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Customers.Get");
  return {method, ::std::move(request)};
}

}  // namespace shop
