#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "perdure/metadata.hpp"

/// Commands that a handler has for other entities, or for its own.
///
/// The generator writes a struct with a function per rpc of each service:
///
///     bank::api::accounts_calls::deposit(request)
///
/// Such a call does nothing by itself: an effect sends or forwards it, now or by a timer.
namespace perdure {

/// A command for the entity that the request's key names. A plain value; copies share the request.
class any_call {
 public:
  /// `method` is of a service of the generated pool; `request` of its input type.
  any_call(const google::protobuf::MethodDescriptor* method,
           std::shared_ptr<const google::protobuf::Message> request)
      : method_(method), request_(std::move(request)) {}

  const google::protobuf::MethodDescriptor& method() const { return *method_; }
  const google::protobuf::Message& request() const { return *request_; }
  const perdure::metadata& metadata() const { return metadata_; }

  /// Adds metadata that the command's handler will find in its context. `name` in lower case.
  void add_metadata(std::string name, std::string value) {
    metadata_.emplace(std::move(name), std::move(value));
  }

 private:
  const google::protobuf::MethodDescriptor* method_;
  std::shared_ptr<const google::protobuf::Message> request_;
  perdure::metadata metadata_;
};

/// A call of an rpc that returns `Reply`.
template <class Reply>
class call : public any_call {
 public:
  template <std::derived_from<google::protobuf::Message> Request>
  call(const google::protobuf::MethodDescriptor* method, Request request)
      : any_call(method, std::make_shared<Request>(std::move(request))) {}

  call with_metadata(std::string name, std::string value) && {
    add_metadata(std::move(name), std::move(value));
    return std::move(*this);
  }
};

}  // namespace perdure
