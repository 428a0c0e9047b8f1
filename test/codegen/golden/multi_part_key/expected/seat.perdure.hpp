// Written by protoc-gen-perdure from seat.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "google/protobuf/empty.pb.h"
#include "seat.pb.h"

namespace cinema {

/// The entity cinema.Seat, type "seat", as served by cinema.Seat.
/// Derive from it and override every pure virtual function.
class seat_base
    : public ::perdure::event_sourced_entity<
        ::cinema::SeatState,
        ::cinema::Taken> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::cinema::TakeRequest,
        ::cinema::TakeRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::google::protobuf::Empty> take(
      const ::cinema::SeatState& seat_state,
      const ::cinema::TakeRequest& command) = 0;

  virtual ::perdure::effect<::google::protobuf::Empty> release(
      const ::cinema::SeatState& seat_state,
      const ::cinema::TakeRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::cinema::SeatState on_taken(
      ::cinema::SeatState seat_state,
      const ::cinema::Taken& event) = 0;

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

}  // namespace cinema

namespace cinema {

/// Commands of cinema.Seat, for effects that send or forward them, or start a timer.
struct seat_calls {
  static ::perdure::call<::google::protobuf::Empty> take(
      ::cinema::TakeRequest request);

  static ::perdure::call<::google::protobuf::Empty> release(
      ::cinema::TakeRequest request);
};

}  // namespace cinema
