// Written by protoc-gen-perdure from counter.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "counter.pb.h"

/// The entity Counter, type "counter", as served by Counter.
/// Derive from it and override every pure virtual function.
class counter_base
    : public ::perdure::event_sourced_entity<
        ::Count,
        ::Increased> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::IncreaseRequest>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::Count> increase(
      const ::Count& count,
      const ::IncreaseRequest& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::Count on_increased(
      ::Count count,
      const ::Increased& event) = 0;

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

/// Commands of Counter, for effects that send or forward them, or start a timer.
struct counter_calls {
  static ::perdure::call<::Count> increase(
      ::IncreaseRequest request);
};
