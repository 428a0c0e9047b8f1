#pragma once

#include <google/protobuf/descriptor.h>

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "perdure/entity.hpp"
#include "perdure/status.hpp"

// What is served, read from descriptors: every method of every service, by its gRPC path.

namespace perdure::gateway {

struct served_method {
  const google::protobuf::MethodDescriptor* method;
  std::string entity_type;  // the type of entity that handles it; empty: of perdure.v1.Commands
  // Of the request; empty where the id of the entity is generated, and of perdure.v1.Commands.
  std::vector<const google::protobuf::FieldDescriptor*> key_fields;
  const google::protobuf::Message* request;  // prototype
  const google::protobuf::Message* reply;    // prototype
  bool durable_mailbox = false;              // its commands go by the entity's durable mailbox

  bool is_of_entity() const { return !entity_type.empty(); }
};

class service_catalog {
 public:
  // The methods of these entities, and after them those of perdure.v1.Commands, which every service
  // serves.
  //   INVALID_ARGUMENT  an entity type or a service is there twice; a method streams, has no key
  //                     field, or has one though its ids are generated; the text names both sides
  static result<service_catalog> of(std::span<const entity_model> models);

  // "/cart.api.ShoppingCart/AddItem", as in HTTP/2's :path; null when not served.
  const served_method* find(std::string_view path) const;

  const std::vector<const google::protobuf::ServiceDescriptor*>& services() const {
    return services_;
  }

  // All methods, in the order of the services and of their .proto.
  const std::vector<served_method>& methods() const { return methods_; }

 private:
  void add(served_method method);

  std::vector<const google::protobuf::ServiceDescriptor*> services_;
  std::vector<served_method> methods_;
  std::unordered_map<std::string, std::size_t> by_path_;
};

}  // namespace perdure::gateway
