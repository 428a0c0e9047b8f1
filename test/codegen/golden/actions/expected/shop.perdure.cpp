// Written by protoc-gen-perdure from shop.proto. Do not edit: change that file.
#include "shop.perdure.hpp"

#include <cstdlib>
#include <utility>
#include <variant>

namespace shop::api {

::perdure::action_model notices_base::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.api.Notices"),
      .create = {},
  };
}

::perdure::action_output notices_base::handle(
    ::std::size_t method,
    [[maybe_unused]] ::perdure::action_input& input) {
  switch (method) {
    case 0:
      return ::perdure::erase(this->on_placed(
          static_cast<const ::shop::api::Placed&>(*::std::get<0>(input))));
    case 2:
      return ::perdure::erase(this->prepare(
          static_cast<const ::google::protobuf::Empty&>(*::std::get<0>(input))));
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace shop::api

namespace shop::api {

::perdure::call<::shop::api::Notice> notices_calls::on_placed(
    ::shop::api::Placed request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.api.Notices.OnPlaced");
  return {method, ::std::move(request)};
}

::perdure::call<::google::protobuf::Empty> notices_calls::prepare(
    ::google::protobuf::Empty request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.api.Notices.Prepare");
  return {method, ::std::move(request)};
}

}  // namespace shop::api

namespace shop::api {

::perdure::action_model adder_base::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.api.Sums"),
      .create = {},
  };
}

::perdure::action_output adder_base::handle(
    ::std::size_t method,
    [[maybe_unused]] ::perdure::action_input& input) {
  switch (method) {
    case 0:
      return ::perdure::erase(this->double_(
          static_cast<const ::shop::api::Number&>(*::std::get<0>(input))));
    case 1:
      return this->series(
          static_cast<const ::shop::api::Number&>(*::std::get<0>(input)));
    case 2:
      return ::perdure::erase(this->sum(
          ::perdure::requests<::shop::api::Number>(::std::get<1>(input))));
    case 3:
      return this->running(
          ::perdure::requests<::shop::api::Number>(::std::get<1>(input)));
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace shop::api

namespace shop::api {

::perdure::call<::shop::api::Number> sums_calls::double_(
    ::shop::api::Number request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "shop.api.Sums.Double");
  return {method, ::std::move(request)};
}

}  // namespace shop::api

namespace shop::api {

::perdure::action_model streams_base::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "shop.api.Streams"),
      .create = {},
  };
}

::perdure::action_output streams_base::handle(
    ::std::size_t method,
    [[maybe_unused]] ::perdure::action_input& input) {
  switch (method) {
    case 0:
      return ::perdure::erase(this->sum(
          ::perdure::requests<::shop::api::Number>(::std::get<1>(input))));
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

}  // namespace shop::api
