// Written by protoc-gen-perdure from service.proto. Do not edit: change that file.
#include "service.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace whole {

::perdure::entity_model whole_base::model() {
  return {
      .entity_type = "whole",
      .component = "whole.Whole",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "whole.Whole"),
      .state = ::parts::State::descriptor(),
      .events = {
          ::parts::Happened::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect whole_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::parts::State&>(state);
  switch (method) {
    case 0:
      return this->do_(
          current, static_cast<const ::parts::Ask&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void whole_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::parts::State&>(state);
  switch (event) {
    case 0:
      current = this->on_happened(
          ::std::move(current), static_cast<const ::parts::Happened&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace whole

namespace whole {

::perdure::call<::parts::Answer> whole_calls::do_(
    ::parts::Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "whole.Whole.Do");
  return {method, ::std::move(request)};
}

}  // namespace whole
