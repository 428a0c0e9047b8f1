// Written by protoc-gen-perdure from bank/ledger.proto. Do not edit: change that file.
#include "bank/ledger.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace bank::books {

::perdure::entity_model ledger_base::model() {
  return {
      .entity_type = "ledger",
      .component = "bank.books.Ledger",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "bank.books.Ledger"),
      .state = ::bank::books::LedgerState::descriptor(),
      .events = {
          ::bank::books::LedgerChanged::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect ledger_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::bank::books::LedgerState&>(state);
  switch (method) {
    case 0:
      return this->post(
          current, static_cast<const ::bank::books::PostRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void ledger_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::bank::books::LedgerState&>(state);
  switch (event) {
    case 0:
      current = this->on_ledger_changed(
          ::std::move(current), static_cast<const ::bank::books::LedgerChanged&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace bank::books

namespace bank::books {

::perdure::call<::bank::books::LedgerState> ledger_calls::post(
    ::bank::books::PostRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "bank.books.Ledger.Post");
  return {method, ::std::move(request)};
}

}  // namespace bank::books
