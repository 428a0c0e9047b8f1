// Written by protoc-gen-perdure from counter.proto. Do not edit: change that file.
#include "counter.perdure.hpp"

#include <cstdlib>
#include <utility>

::perdure::entity_model counter_base::model() {
  return {
      .entity_type = "counter",
      .component = "Counter",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "Counter"),
      .state = ::Count::descriptor(),
      .events = {
          ::Increased::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect counter_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::Count&>(state);
  switch (method) {
    case 0:
      return this->increase(
          current, static_cast<const ::IncreaseRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void counter_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::Count&>(state);
  switch (event) {
    case 0:
      current = this->on_increased(
          ::std::move(current), static_cast<const ::Increased&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

::perdure::call<::Count> counter_calls::increase(
    ::IncreaseRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "Counter.Increase");
  return {method, ::std::move(request)};
}
