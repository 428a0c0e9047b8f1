// Written by protoc-gen-perdure from api.proto. Do not edit: change that file.
#include "api.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace bank::domain {

::perdure::entity_model wallet_base::model() {
  return {
      .entity_type = "wallet",
      .component = "bank.domain.Wallet",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "bank.api.Wallets"),
      .state = ::bank::domain::WalletState::descriptor(),
      .events = {
          ::bank::domain::WalletChanged::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect wallet_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::bank::domain::WalletState&>(state);
  switch (method) {
    case 0:
      return this->change(
          current, static_cast<const ::bank::api::ChangeRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void wallet_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::bank::domain::WalletState&>(state);
  switch (event) {
    case 0:
      current = this->on_wallet_changed(
          ::std::move(current), static_cast<const ::bank::domain::WalletChanged&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace bank::domain

namespace bank::api {

::perdure::call<::google::protobuf::Empty> wallets_calls::change(
    ::bank::api::ChangeRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "bank.api.Wallets.Change");
  return {method, ::std::move(request)};
}

}  // namespace bank::api

namespace bank::domain {

::perdure::entity_model owner_base::model() {
  return {
      .entity_type = "bank.owner_2",
      .component = "bank.domain.Owner",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "bank.api.Owners"),
      .state = ::bank::domain::OwnerState::descriptor(),
      .events = {
          ::bank::domain::OwnerChanged::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect owner_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::bank::domain::OwnerState&>(state);
  switch (method) {
    case 0:
      return this->change(
          current, static_cast<const ::bank::api::ChangeRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void owner_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::bank::domain::OwnerState&>(state);
  switch (event) {
    case 0:
      current = this->on_owner_changed(
          ::std::move(current), static_cast<const ::bank::domain::OwnerChanged&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace bank::domain

namespace bank::api {

::perdure::call<::bank::api::ChangeRequest> owners_calls::change(
    ::bank::api::ChangeRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "bank.api.Owners.Change");
  return {method, ::std::move(request)};
}

}  // namespace bank::api
