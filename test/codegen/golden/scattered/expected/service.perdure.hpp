// Written by protoc-gen-perdure from service.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "event.pb.h"
#include "reply.pb.h"
#include "request.pb.h"
#include "service.pb.h"
#include "state.pb.h"

namespace whole {

/// The entity whole.Whole, type "whole", as served by whole.Whole.
/// Derive from it and override every pure virtual function.
class whole_base
    : public ::perdure::event_sourced_entity<
        ::parts::State,
        ::parts::Happened> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::parts::Ask>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::parts::Answer> do_(
      const ::parts::State& state,
      const ::parts::Ask& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::parts::State on_happened(
      ::parts::State state,
      const ::parts::Happened& event) = 0;

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

}  // namespace whole

namespace whole {

/// Commands of whole.Whole, for effects that send or forward them, or start a timer.
struct whole_calls {
  static ::perdure::call<::parts::Answer> do_(
      ::parts::Ask request);
};

}  // namespace whole
