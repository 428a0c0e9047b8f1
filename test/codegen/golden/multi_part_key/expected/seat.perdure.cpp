// Written by protoc-gen-perdure from seat.proto. Do not edit: change that file.
#include "seat.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace cinema {

::perdure::entity_model seat_base::model() {
  return {
      .entity_type = "seat",
      .component = "cinema.Seat",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "cinema.Seat"),
      .state = ::cinema::SeatState::descriptor(),
      .events = {
          ::cinema::Taken::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect seat_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::cinema::SeatState&>(state);
  switch (method) {
    case 0:
      return this->take(
          current, static_cast<const ::cinema::TakeRequest&>(command)).erase();
    case 1:
      return this->release(
          current, static_cast<const ::cinema::TakeRequest&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void seat_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::cinema::SeatState&>(state);
  switch (event) {
    case 0:
      current = this->on_taken(
          ::std::move(current), static_cast<const ::cinema::Taken&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace cinema

namespace cinema {

::perdure::call<::google::protobuf::Empty> seat_calls::take(
    ::cinema::TakeRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cinema.Seat.Take");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> seat_calls::release(
    ::cinema::TakeRequest request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "cinema.Seat.Release");
  return {method, ::std::move(request)};
}

}  // namespace cinema
