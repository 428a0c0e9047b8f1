// Written by protoc-gen-perdure from shop.proto. Do not edit: change that file.
#include "shop.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace shop {

::perdure::entity_model cart_base::model() {
  return {
      .entity_type = "cart",
      .component = "shop.Cart",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.Carts"),
      .state = ::shop::CartState::descriptor(),
      .events = {
          ::shop::ItemAdded::descriptor(),
          ::shop::ItemRemoved::descriptor(),
          ::shop::CheckedOut::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect cart_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::shop::CartState&>(state);
  switch (method) {
    case 0:
      return this->get(
          current, static_cast<const ::shop::CartRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void cart_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::shop::CartState&>(state);
  switch (event) {
    case 0:
      current = this->on_item_added(
          ::std::move(current), static_cast<const ::shop::ItemAdded&>(message));
      return;
    case 1:
      current = this->on_item_removed(
          ::std::move(current), static_cast<const ::shop::ItemRemoved&>(message));
      return;
    case 2:
      current = this->on_checked_out(
          ::std::move(current), static_cast<const ::shop::CheckedOut&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace shop

namespace shop {

::perdure::call<::shop::CartState> carts_calls::get(
    ::shop::CartRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Carts.Get");
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

::perdure::call<::shop::CustomerState> customers_calls::get(
    ::shop::CustomerRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.Customers.Get");
  return {method, ::std::move(request)};
}

}  // namespace shop
