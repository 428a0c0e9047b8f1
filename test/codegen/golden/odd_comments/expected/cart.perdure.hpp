// Written by protoc-gen-perdure from cart.proto. Do not edit: change that file.
#pragma once

#include <cstddef>

#include "perdure/call.hpp"
#include "perdure/entity.hpp"

#include "cart.pb.h"

namespace cart {

/// The entity cart.Cart, type "cart", as served by cart.Carts.
/// Derive from it and override every pure virtual function.
class cart_base
    : public ::perdure::event_sourced_entity<
        ::cart::Try,
        ::cart::Added> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
        ::cart::Ask,
        ::cart::Ask,
        ::cart::Ask,
        ::cart::Ask>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

  // Commands: decide, change nothing.

  /// a backslash, then a tab
  virtual ::perdure::effect<::cart::Ask> one(
      const ::cart::Try& try_,
      const ::cart::Ask& command) = 0;

  /// a carriage return alone
  virtual ::perdure::effect<::cart::Ask> two(
      const ::cart::Try& try_,
      const ::cart::Ask& command) = 0;

  /// a trigraph and a form feed ??
  virtual ::perdure::effect<::cart::Ask> three(
      const ::cart::Try& try_,
      const ::cart::Ask& command) = 0;

  /// / three slashes, */ and /*
  virtual ::perdure::effect<::cart::Ask> four(
      const ::cart::Try& try_,
      const ::cart::Ask& command) = 0;

  // Events: change the state, decide nothing; they run again at every recovery.

  /// A block,
  /// and what looks like a variable: $class$, $$
  virtual ::cart::Try on_added(
      ::cart::Try try_,
      const ::cart::Added& event) = 0;

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

}  // namespace cart

namespace cart {

/// Commands of cart.Carts, for effects that send or forward them, or start a timer.
struct carts_calls {
  /// a backslash, then a tab
  static ::perdure::call<::cart::Ask> one(
      ::cart::Ask request);

  /// a carriage return alone
  static ::perdure::call<::cart::Ask> two(
      ::cart::Ask request);

  /// a trigraph and a form feed ??
  static ::perdure::call<::cart::Ask> three(
      ::cart::Ask request);

  /// / three slashes, */ and /*
  static ::perdure::call<::cart::Ask> four(
      ::cart::Ask request);
};

}  // namespace cart
