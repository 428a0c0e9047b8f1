// Written by protoc-gen-perdure from shop.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/action.hpp"
#include "perdure/call.hpp"

#include "google/protobuf/empty.pb.h"
#include "shop.pb.h"

namespace shop::api {

/// The action shop.api.Notices.
/// Derive from it and override every pure virtual function.
class notices_base : public ::perdure::action {
 public:
  /// What the runtime knows of this action; it adds `create` itself.
  static ::perdure::action_model model();

  /// An order was placed.
  virtual ::perdure::task<::perdure::action_effect<::shop::api::Notice>> on_placed(
      const ::shop::api::Placed& request) = 0;

  virtual ::perdure::task<::perdure::action_effect<::google::protobuf::Empty>> prepare(
      const ::google::protobuf::Empty& request) = 0;

  // For the runtime: calls the function of an rpc by its index.

  ::perdure::action_output handle(
      ::std::size_t method,
      ::perdure::action_input& input) final;
};

}  // namespace shop::api

namespace shop::api {

/// Commands of shop.api.Notices, for effects that send or forward them, or start a timer.
struct notices_calls {
  /// An order was placed.
  static ::perdure::call<::shop::api::Notice> on_placed(
      ::shop::api::Placed request);

  static ::perdure::call<::google::protobuf::Empty> prepare(
      ::google::protobuf::Empty request);
};

}  // namespace shop::api

namespace shop::api {

/// The action shop.api.Sums.
/// Derive from it and override every pure virtual function.
class adder_base : public ::perdure::action {
 public:
  /// What the runtime knows of this action; it adds `create` itself.
  static ::perdure::action_model model();

  virtual ::perdure::task<::perdure::action_effect<::shop::api::Number>> double_(
      const ::shop::api::Number& request) = 0;

  virtual ::perdure::replies<::shop::api::Number> series(
      const ::shop::api::Number& request) = 0;

  virtual ::perdure::task<::perdure::action_effect<::shop::api::Number>> sum(
      ::perdure::requests<::shop::api::Number> requests) = 0;

  virtual ::perdure::replies<::shop::api::Number> running(
      ::perdure::requests<::shop::api::Number> requests) = 0;

  // For the runtime: calls the function of an rpc by its index.

  ::perdure::action_output handle(
      ::std::size_t method,
      ::perdure::action_input& input) final;
};

}  // namespace shop::api

namespace shop::api {

/// Commands of shop.api.Sums, for effects that send or forward them, or start a timer.
struct sums_calls {
  static ::perdure::call<::shop::api::Number> double_(
      ::shop::api::Number request);
};

}  // namespace shop::api

namespace shop::api {

/// The action shop.api.Streams.
/// Derive from it and override every pure virtual function.
class streams_base : public ::perdure::action {
 public:
  /// What the runtime knows of this action; it adds `create` itself.
  static ::perdure::action_model model();

  virtual ::perdure::task<::perdure::action_effect<::shop::api::Number>> sum(
      ::perdure::requests<::shop::api::Number> requests) = 0;

  // For the runtime: calls the function of an rpc by its index.

  ::perdure::action_output handle(
      ::std::size_t method,
      ::perdure::action_input& input) final;
};

}  // namespace shop::api
