#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "echo.pb.h"
#include "gateway/service_catalog.hpp"
#include "perdure/entity.hpp"

// Models of components for the gateway's tests. What the gateway hands on is looked at by the test,
// so none is ever created.

namespace perdure::gateway::testing {

inline const google::protobuf::ServiceDescriptor* service(const std::string& name) {
  const auto* file = gateway_test::EchoRequest::descriptor()->file();
  return file->FindServiceByName(name);
}

inline entity_model model(std::string entity_type, const std::string& service_name) {
  entity_model made;
  made.component = "gateway_test.components." + service_name;
  made.entity_type = std::move(entity_type);
  made.service = service(service_name);
  return made;
}

inline action_model action(const std::string& service_name) {
  return {.service = service(service_name), .create = {}};
}

inline service_catalog echo_catalog() {
  entity_model entities[] = {model("echo", "Echo"), model("letters", "Letters")};
  action_model actions[] = {action("Chat")};
  return *service_catalog::of(entities, actions);
}

}  // namespace perdure::gateway::testing
