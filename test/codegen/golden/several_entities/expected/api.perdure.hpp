// Written by protoc-gen-perdure from api.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "api.pb.h"
#include "google/protobuf/empty.pb.h"
#include "owner.pb.h"
#include "wallet.pb.h"

namespace bank::domain {

/// The entity bank.domain.Wallet, type "wallet", as served by bank.api.Wallets.
/// Derive from it and override every pure virtual function.
class wallet_base
    : public ::perdure::event_sourced_entity<
        ::bank::domain::WalletState,
        ::bank::domain::WalletChanged> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::bank::api::ChangeRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::google::protobuf::Empty> change(
      const ::bank::domain::WalletState& wallet_state,
      const ::bank::api::ChangeRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::bank::domain::WalletState on_wallet_changed(
      ::bank::domain::WalletState wallet_state,
      const ::bank::domain::WalletChanged& event) = 0;

  // For the runtime: call the function of an rpc or event by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
  void apply(
      ::std::size_t event,
      ::google::protobuf::Message& state,
      const ::google::protobuf::Message& message) final;
};

}  // namespace bank::domain

namespace bank::api {

/// Commands of bank.api.Wallets, for effects that send or forward them, or start a timer.
struct wallets_calls {
  static ::perdure::call<::google::protobuf::Empty> change(
      ::bank::api::ChangeRequest request);
};

}  // namespace bank::api

namespace bank::domain {

/// The entity bank.domain.Owner, type "bank.owner_2", as served by bank.api.Owners.
/// Derive from it and override every pure virtual function.
class owner_base
    : public ::perdure::event_sourced_entity<
        ::bank::domain::OwnerState,
        ::bank::domain::OwnerChanged> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::bank::api::ChangeRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::bank::api::ChangeRequest> change(
      const ::bank::domain::OwnerState& owner_state,
      const ::bank::api::ChangeRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::bank::domain::OwnerState on_owner_changed(
      ::bank::domain::OwnerState owner_state,
      const ::bank::domain::OwnerChanged& event) = 0;

  // For the runtime: call the function of an rpc or event by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
  void apply(
      ::std::size_t event,
      ::google::protobuf::Message& state,
      const ::google::protobuf::Message& message) final;
};

}  // namespace bank::domain

namespace bank::api {

/// Commands of bank.api.Owners, for effects that send or forward them, or start a timer.
struct owners_calls {
  static ::perdure::call<::bank::api::ChangeRequest> change(
      ::bank::api::ChangeRequest request);
};

}  // namespace bank::api
