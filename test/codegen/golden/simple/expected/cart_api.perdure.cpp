// Written by protoc-gen-perdure from cart_api.proto. Do not edit: change that file.
#include "cart_api.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace cart::domain {

::perdure::entity_model shopping_cart_base::model() {
  return {
      .entity_type = "shopping-cart",
      .component = "cart.domain.ShoppingCart",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "cart.api.ShoppingCart"),
      .state = ::cart::domain::Cart::descriptor(),
      .events = {
          ::cart::domain::ItemAdded::descriptor(),
          ::cart::domain::CheckedOut::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect shopping_cart_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::cart::domain::Cart&>(state);
  switch (method) {
    case 0:
      return this->add_item(
          current, static_cast<const ::cart::api::AddItemRequest&>(command)).erase();
    case 1:
      return this->checkout(
          current, static_cast<const ::cart::api::CheckoutRequest&>(command)).erase();
    case 2:
      return this->get_cart(
          current, static_cast<const ::cart::api::GetCartRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void shopping_cart_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::cart::domain::Cart&>(state);
  switch (event) {
    case 0:
      current = this->on_item_added(
          ::std::move(current), static_cast<const ::cart::domain::ItemAdded&>(message));
      return;
    case 1:
      current = this->on_checked_out(
          ::std::move(current), static_cast<const ::cart::domain::CheckedOut&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace cart::domain

namespace cart::api {

::perdure::call<::google::protobuf::Empty> shopping_cart_calls::add_item(
    ::cart::api::AddItemRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.ShoppingCart.AddItem");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> shopping_cart_calls::checkout(
    ::cart::api::CheckoutRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.ShoppingCart.Checkout");
  return {method, ::std::move(request)};
}

::perdure::call<::cart::api::Cart> shopping_cart_calls::get_cart(
    ::cart::api::GetCartRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.ShoppingCart.GetCart");
  return {method, ::std::move(request)};
}

}  // namespace cart::api
