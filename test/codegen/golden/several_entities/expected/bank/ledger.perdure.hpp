// Written by protoc-gen-perdure from bank/ledger.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "bank/ledger.pb.h"

namespace bank::books {

/// The entity bank.books.Ledger, type "ledger", as served by bank.books.Ledger.
/// Derive from it and override every pure virtual function.
class ledger_base
    : public ::perdure::event_sourced_entity<
        ::bank::books::LedgerState,
        ::bank::books::LedgerChanged> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::bank::books::PostRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::bank::books::LedgerState> post(
      const ::bank::books::LedgerState& ledger_state,
      const ::bank::books::PostRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::bank::books::LedgerState on_ledger_changed(
      ::bank::books::LedgerState ledger_state,
      const ::bank::books::LedgerChanged& event) = 0;

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

}  // namespace bank::books

namespace bank::books {

/// Commands of bank.books.Ledger, for effects that send or forward them, or start a timer.
struct ledger_calls {
  static ::perdure::call<::bank::books::LedgerState> post(
      ::bank::books::PostRequest request);
};

}  // namespace bank::books
