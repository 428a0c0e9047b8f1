#pragma once

#include <google/protobuf/descriptor.h>

#include <deque>
#include <string>
#include <vector>

#include "codegen/diagnostics.hpp"
#include "perdure/annotations.pb.h"

// What the .proto files of one run declare: entities, the services that serve them, actions and
// views. Plain data; descriptors belong to protoc's pool and outlive it.

namespace perdure::codegen {

enum class component_kind { event_sourced, key_value };

// An entity, and its annotation as it was written. A name that could not be resolved leaves null,
// and an error.
struct component {
  component_kind kind;
  const google::protobuf::FileDescriptor* file;
  std::string name;
  std::string entity_type;
  std::string state_name;
  std::vector<std::string> event_names;  // of an event sourced entity
  std::string full_name;                 // "cart.domain.ShoppingCart"
  const google::protobuf::Descriptor* state = nullptr;
  std::vector<const google::protobuf::Descriptor*> events = {};  // as many as names

  // Where the annotation stands, for errors.
  source_path place() const;
};

// A service of type SERVICE_TYPE_ENTITY, or one that names a component and no type.
struct entity_service {
  const google::protobuf::ServiceDescriptor* service;
  const component* served;  // null when it is not known
};

// A service that is a component of its own: of type SERVICE_TYPE_ACTION or SERVICE_TYPE_VIEW.
struct own_service {
  const google::protobuf::ServiceDescriptor* service;
  std::string name;  // of the component, without its package; else the service's
};

struct service_model {
  std::vector<const google::protobuf::FileDescriptor*> files;  // to write code for
  std::vector<const google::protobuf::FileDescriptor*> known;  // those and all they import
  std::deque<component> components;                            // of the known files
  std::vector<entity_service> services;                        // of the known files
  std::vector<own_service> actions;                            // of the known files
  std::vector<own_service> views;                              // of the known files

  bool is_written(const google::protobuf::FileDescriptor& file) const;
  bool is_action(const google::protobuf::ServiceDescriptor& service) const;
  bool is_of_entity(const google::protobuf::ServiceDescriptor& service) const;
  bool is_view(const google::protobuf::ServiceDescriptor& service) const;
};

std::vector<const google::protobuf::MethodDescriptor*> rpcs_of(
    const google::protobuf::ServiceDescriptor& service);

// Whether it is google.protobuf.Empty.
bool is_empty(const google::protobuf::Descriptor& message);

// Reads the files given to protoc. A component may be declared in any of them or in one they
// import; they need not import one another.
service_model read_service_model(const std::vector<const google::protobuf::FileDescriptor*>& files,
                                 diagnostics& errors);

}  // namespace perdure::codegen
