// Written by protoc-gen-perdure from odd.proto. Do not edit: change that file.
#include "odd.perdure.hpp"

#include <cstdlib>
#include <utility>

namespace odd::New::http2 {

::perdure::entity_model http_thing_v2_base::model() {
  return {
      .entity_type = "type-of-sixty-four-characters.the-most-that-may-be_0123456789-_x",
      .component = "odd.New.http2.HTTPThing_V2_",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "odd.New.http2.HTTPThing"),
      .state = ::odd::New::http2::Command::descriptor(),
      .events = {
          ::odd::New::http2::Outer_Inner::descriptor(),
          ::odd::New::http2::Outer::descriptor(),
          ::odd::New::http2::union_::descriptor(),
          ::odd::New::http2::XMLParsed::descriptor(),
          ::odd::New::http2::union__Inner::descriptor(),
          ::odd::New::http2::_Late::descriptor(),
      },
      .create = {},
      .kind = ::perdure::entity_kind::event_sourced,
  };
}

::perdure::any_effect http_thing_v2_base::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const ::odd::New::http2::Command&>(state);
  switch (method) {
    case 0:
      return this->delete_(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 1:
      return this->get_http_status(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 2:
      return this->assert_(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 3:
      return this->state(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 4:
      return this->command(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 5:
      return this->null(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 6:
      return this->alloca_(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 7:
      return this->request(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 8:
      return this->method(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 9:
      return this->call(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    case 10:
      return this->v2_x(
          current, static_cast<const ::odd::New::http2::Outer_Inner_Ask&>(command)).erase();
    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

void http_thing_v2_base::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<::odd::New::http2::Command&>(state);
  switch (event) {
    case 0:
      current = this->on_outer_inner(
          ::std::move(current), static_cast<const ::odd::New::http2::Outer_Inner&>(message));
      return;
    case 1:
      current = this->on_outer(
          ::std::move(current), static_cast<const ::odd::New::http2::Outer&>(message));
      return;
    case 2:
      current = this->on_union(
          ::std::move(current), static_cast<const ::odd::New::http2::union_&>(message));
      return;
    case 3:
      current = this->on_xml_parsed(
          ::std::move(current), static_cast<const ::odd::New::http2::XMLParsed&>(message));
      return;
    case 4:
      current = this->on_union_inner(
          ::std::move(current), static_cast<const ::odd::New::http2::union__Inner&>(message));
      return;
    case 5:
      current = this->on_late(
          ::std::move(current), static_cast<const ::odd::New::http2::_Late&>(message));
      return;
    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

}  // namespace odd::New::http2

namespace odd::New::http2 {

::perdure::call<::odd::New::http2::union_> http_thing_calls::delete_(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.Delete");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::Outer_Inner> http_thing_calls::get_http_status(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.GetHTTPStatus");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::Outer> http_thing_calls::assert_(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.assert");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::union_> http_thing_calls::state(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.State");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::Outer> http_thing_calls::command(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.Command");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::NULL_> http_thing_calls::null(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.Null");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::union__Inner> http_thing_calls::alloca_(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.Alloca");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::union_> http_thing_calls::request(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.Request");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::union_> http_thing_calls::method(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.Method");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::union_> http_thing_calls::call(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.Call");
  return {method, ::std::move(request)};
}

::perdure::call<::odd::New::http2::XMLParsed> http_thing_calls::v2_x(
    ::odd::New::http2::Outer_Inner_Ask request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "odd.New.http2.HTTPThing.V2__x");
  return {method, ::std::move(request)};
}

}  // namespace odd::New::http2
