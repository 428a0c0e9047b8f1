// Written by protoc-gen-perdure from odd.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "odd.pb.h"

namespace odd::New::http2 {

/// The entity odd.New.http2.HTTPThing_V2_, type "type-of-sixty-four-characters.the-most-that-may-be_0123456789-_x", as served by odd.New.http2.HTTPThing.
/// Derive from it and override every pure virtual function.
class http_thing_v2_base
    : public ::perdure::event_sourced_entity<
        ::odd::New::http2::Command,
        ::odd::New::http2::Outer_Inner,
        ::odd::New::http2::Outer,
        ::odd::New::http2::union_,
        ::odd::New::http2::XMLParsed,
        ::odd::New::http2::union__Inner,
        ::odd::New::http2::_Late> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask,
        ::odd::New::http2::Outer_Inner_Ask>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  virtual ::perdure::effect<::odd::New::http2::union_> delete_(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::Outer_Inner> get_http_status(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::Outer> assert_(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::union_> state(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::Outer> command(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::NULL_> null(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::union__Inner> alloca_(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::union_> request(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::union_> method(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::union_> call(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  virtual ::perdure::effect<::odd::New::http2::XMLParsed> v2_x(
      const ::odd::New::http2::Command& state,
      const ::odd::New::http2::Outer_Inner_Ask& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  virtual ::odd::New::http2::Command on_outer_inner(
      ::odd::New::http2::Command state,
      const ::odd::New::http2::Outer_Inner& event) = 0;

  virtual ::odd::New::http2::Command on_outer(
      ::odd::New::http2::Command state,
      const ::odd::New::http2::Outer& event) = 0;

  virtual ::odd::New::http2::Command on_union(
      ::odd::New::http2::Command state,
      const ::odd::New::http2::union_& event) = 0;

  virtual ::odd::New::http2::Command on_xml_parsed(
      ::odd::New::http2::Command state,
      const ::odd::New::http2::XMLParsed& event) = 0;

  virtual ::odd::New::http2::Command on_union_inner(
      ::odd::New::http2::Command state,
      const ::odd::New::http2::union__Inner& event) = 0;

  virtual ::odd::New::http2::Command on_late(
      ::odd::New::http2::Command state,
      const ::odd::New::http2::_Late& event) = 0;

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

}  // namespace odd::New::http2

namespace odd::New::http2 {

/// Commands of odd.New.http2.HTTPThing, for effects that send or forward them, or start a timer.
struct http_thing_calls {
  static ::perdure::call<::odd::New::http2::union_> delete_(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::Outer_Inner> get_http_status(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::Outer> assert_(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::union_> state(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::Outer> command(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::NULL_> null(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::union__Inner> alloca_(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::union_> request(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::union_> method(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::union_> call(
      ::odd::New::http2::Outer_Inner_Ask request);

  static ::perdure::call<::odd::New::http2::XMLParsed> v2_x(
      ::odd::New::http2::Outer_Inner_Ask request);
};

}  // namespace odd::New::http2
