// Written by protoc-gen-perdure from cart_api.proto. Do not edit: change that file.
#include "cart_api.perdure.hpp"

#include <cstdlib>
#include <utility>
#include <variant>

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
          ::cart::domain::ItemRemoved::descriptor(),
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
      return this->get(
          current, static_cast<const ::cart::api::CartRequest&>(command)).erase();
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
      current = this->on_item_removed(
          ::std::move(current), static_cast<const ::cart::domain::ItemRemoved&>(message));
      return;
    case 2:
      current = this->on_checked_out(
          ::std::move(current), static_cast<const ::cart::domain::CheckedOut&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace cart::domain

namespace cart::api {

::perdure::call<::cart::domain::Cart> shopping_cart_calls::get(
    ::cart::api::CartRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.ShoppingCart.Get");
  return {method, ::std::move(request)};
}

}  // namespace cart::api

namespace cart::domain {

::perdure::entity_model customer_base::model() {
  return {
      .entity_type = "customer",
      .component = "cart.domain.Customer",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "cart.api.Customers"),
      .state = ::cart::domain::CustomerState::descriptor(),
      .events = {},
      .create = {},
      .kind = ::perdure::entity_kind::key_value,
  };
}

::perdure::any_effect customer_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::cart::domain::CustomerState&>(state);
  switch (method) {
    case 0:
      return this->get(
          current, static_cast<const ::cart::api::CartRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace cart::domain

namespace cart::api {

::perdure::call<::cart::domain::CustomerState> customers_calls::get(
    ::cart::api::CartRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.Customers.Get");
  return {method, ::std::move(request)};
}

}  // namespace cart::api

namespace cart::api {

::perdure::action_model everything_base::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "cart.api.Everything"),
      .create = {},
  };
}

::perdure::action_output everything_base::handle(
    ::std::size_t method,
    [[maybe_unused]] ::perdure::action_input& input) {
  switch (method) {
    case 0:
      return ::perdure::erase(this->on_item_added(
          static_cast<const ::cart::domain::ItemAdded&>(*::std::get<0>(input))));
    case 1:
      return ::perdure::erase(this->on_checked_out(
          static_cast<const ::cart::domain::CheckedOut&>(*::std::get<0>(input))));
    case 2:
      return ::perdure::erase(this->on_cart_deleted(
          static_cast<const ::google::protobuf::Empty&>(*::std::get<0>(input))));
    case 3:
      return ::perdure::erase(this->on_customer(
          static_cast<const ::cart::domain::CustomerState&>(*::std::get<0>(input))));
    case 5:
      return ::perdure::erase(this->on_elsewhere(
          static_cast<const ::cart::domain::ItemRemoved&>(*::std::get<0>(input))));
    case 6:
      return ::perdure::erase(this->on_text(
          static_cast<const ::google::protobuf::StringValue&>(*::std::get<0>(input))));
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace cart::api

namespace cart::api {

::perdure::call<::cart::domain::CheckedOut> everything_calls::on_item_added(
    ::cart::domain::ItemAdded request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.Everything.OnItemAdded");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> everything_calls::on_checked_out(
    ::cart::domain::CheckedOut request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.Everything.OnCheckedOut");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> everything_calls::on_cart_deleted(
    ::google::protobuf::Empty request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.Everything.OnCartDeleted");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> everything_calls::on_customer(
    ::cart::domain::CustomerState request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.Everything.OnCustomer");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> everything_calls::on_elsewhere(
    ::cart::domain::ItemRemoved request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.Everything.OnElsewhere");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> everything_calls::on_text(
    ::google::protobuf::StringValue request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cart.api.Everything.OnText");
  return {method, ::std::move(request)};
}

}  // namespace cart::api
