#pragma once

#include <map>
#include <string>
#include <vector>

#include "codegen/diagnostics.hpp"
#include "codegen/service_model.hpp"

// What must hold before code is written. Each check reports all it finds and changes nothing.

namespace perdure::codegen {

// Files: such that protobuf's C++ code for them is of use to us (check_file.cpp).
void check_files(const service_model& model, diagnostics& errors);

// Components: complete, named apart, each served by one service (check_component.cpp).
void check_components(const service_model& model, diagnostics& errors);

// Services and rpcs of entities: typed, not streaming, C++ names that do not collide
// (check_service.cpp).
void check_services(const service_model& model, diagnostics& errors);

// The same of rpcs of any service that are functions of one class: `taken` are the members that it
// has already, by name, and what they are.
void check_function_names(const std::vector<const google::protobuf::MethodDescriptor*>& rpcs,
                          std::map<std::string, std::string> taken, diagnostics& errors);

// Actions and views as components: a class of each (check_own_service.cpp).
void check_own_services(const service_model& model, diagnostics& errors);

// Rpcs and options of actions (check_action.cpp).
void check_actions(const service_model& model, diagnostics& errors);

// The same of views: what follows from their being classes, and who may be called (check_view.cpp).
void check_views(const service_model& model, diagnostics& errors);

// The structs of services' calls: C++ names that do not collide (check_calls.cpp).
void check_calls(const service_model& model, diagnostics& errors);

// (perdure.method) beside eventing: what is said of an rpc makes sense there (check_method.cpp).
void check_methods(const service_model& model, diagnostics& errors);

// Tables, updates and queries of views; what is slow but not wrong goes to `warnings`
// (check_view_plan.cpp).
void check_view_plans(const service_model& model, diagnostics& errors, diagnostics& warnings);

// Eventing of services and rpcs: who may take in and publish, and what (check_eventing.cpp).
void check_eventing(const service_model& model, diagnostics& errors);

// What the rpcs of one source say together: each message has one of them, of a view one at least
// (check_subscription.cpp).
void check_subscriptions(const service_model& model, diagnostics& errors);

// The entity key of every request, and that all of a service are alike (check_key.cpp).
void check_keys(const service_model& model, diagnostics& errors);

// Annotations that exist and do nothing yet (check_unsupported.cpp).
void check_unsupported(const service_model& model, diagnostics& errors);

}  // namespace perdure::codegen
