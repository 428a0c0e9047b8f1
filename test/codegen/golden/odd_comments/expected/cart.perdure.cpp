// Written by protoc-gen-perdure from cart.proto. Do not edit: change that file.
#include "cart.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace cart {

::perdure::entity_model cart_base::model() {
  return {
      .entity_type = "cart",
      .component = "cart.Cart",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "cart.Carts"),
      .state = ::cart::Try::descriptor(),
      .events = {
          ::cart::Added::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect cart_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::cart::Try&>(state);
  switch (method) {
    case 0:
      return this->one(
          current, static_cast<const ::cart::Ask&>(command)).erase();
    case 1:
      return this->two(
          current, static_cast<const ::cart::Ask&>(command)).erase();
    case 2:
      return this->three(
          current, static_cast<const ::cart::Ask&>(command)).erase();
    case 3:
      return this->four(
          current, static_cast<const ::cart::Ask&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void cart_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::cart::Try&>(state);
  switch (event) {
    case 0:
      current = this->on_added(
          ::std::move(current), static_cast<const ::cart::Added&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace cart

namespace cart {

::perdure::call<::cart::Ask> carts_calls::one(
    ::cart::Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.Carts.One");
  return {method, ::std::move(request)};
}

::perdure::call<::cart::Ask> carts_calls::two(
    ::cart::Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.Carts.Two");
  return {method, ::std::move(request)};
}

::perdure::call<::cart::Ask> carts_calls::three(
    ::cart::Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.Carts.Three");
  return {method, ::std::move(request)};
}

::perdure::call<::cart::Ask> carts_calls::four(
    ::cart::Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.Carts.Four");
  return {method, ::std::move(request)};
}

}  // namespace cart
