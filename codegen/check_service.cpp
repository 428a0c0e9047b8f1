// Checks of (perdure.service) and of the rpcs of entities.

#include <algorithm>
#include <map>
#include <string_view>

#include "codegen/checks.hpp"
#include "codegen/names.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// What a class that derives from perdure::event_sourced_entity has already (include/perdure/
// entity.hpp), and what the generator adds to it.
constexpr std::string_view members[] = {
    "apply",  "context", "effects", "empty_state", "erased_empty_state",
    "events", "handle",  "model",   "requests",    "state_type"};

std::string subject(const ServiceDescriptor& service) { return "service " + service.name() + ": "; }

std::string subject(const MethodDescriptor& rpc) { return "rpc " + rpc.name() + ": "; }

// An annotated service must say what it is. One without our annotation is somebody else's.
void check_type(const ServiceDescriptor& service, diagnostics& errors) {
  if (!service.options().HasExtension(perdure::service)) return;
  const auto& options = service.options().GetExtension(perdure::service);
  if (options.type() == ServiceOptions::SERVICE_TYPE_UNSPECIFIED) {
    errors.error(*service.file(), service_option_path(service, ServiceOptions::kTypeFieldNumber),
                 subject(service) +
                     "type is missing: write type: SERVICE_TYPE_ENTITY, SERVICE_TYPE_ACTION or "
                     "SERVICE_TYPE_VIEW");
  }
  if (options.type() == ServiceOptions::SERVICE_TYPE_ENTITY && options.component().empty()) {
    errors.error(*service.file(),
                 service_option_path(service, ServiceOptions::kComponentFieldNumber),
                 subject(service) +
                     "component is missing: the entity that serves the rpcs, with its package, "
                     "such as \"cart.domain.ShoppingCart\"");
  }
}

void check_forwarded(const ServiceDescriptor& service, diagnostics& errors) {
  if (service.options().GetExtension(perdure::service).forward_headers().empty()) return;
  errors.error(*service.file(),
               service_option_path(service, ServiceOptions::kForwardHeadersFieldNumber),
               subject(service) +
                   "forward_headers is for actions; an entity gives its calls their "
                   "metadata itself: remove it");
}

void check_streaming(const MethodDescriptor& rpc, diagnostics& errors) {
  if (!rpc.client_streaming() && !rpc.server_streaming()) return;
  errors.error_at(
      rpc, subject(rpc) + "an entity takes one request and gives one reply; remove \"stream\"");
}

// The rpcs become functions of one class, beside those that class has already.
void check_functions(const entity_service& s, diagnostics& errors) {
  std::map<std::string, std::string> taken;
  for (auto member : members) taken.emplace(member, "a member of every entity class");
  if (s.served != nullptr) {
    taken.emplace(base_class_name(s.served->name), "the generated class itself");
    for (const auto* event : s.served->events) {
      if (event == nullptr) continue;
      taken.emplace(event_handler_name(*event), "the handler of event " + event->name());
    }
  }
  check_function_names(rpcs_of(*s.service), std::move(taken), errors);
}

}  // namespace

void check_function_names(const std::vector<const MethodDescriptor*>& rpcs,
                          std::map<std::string, std::string> taken, diagnostics& errors) {
  for (const auto* rpc : rpcs) {
    auto name = command_handler_name(*rpc);
    auto [other, is_new] = taken.emplace(name, "rpc " + rpc->name());
    if (!is_new) {
      errors.error_at(*rpc, subject(*rpc) + "its function would be " + name + "(), but that is " +
                                other->second + "; rename the rpc");
    }
  }
}

void check_services(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.files) {
    for (int i = 0; i < file->service_count(); ++i) check_type(*file->service(i), errors);
  }
  for (const auto& s : model.services) {
    const auto& service = *s.service;
    if (!model.is_written(*service.file())) continue;
    if (service.file()->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3) {
      errors.error_at(service,
                      subject(service) +
                          "an entity cannot be served from a proto2 file; use syntax = \"proto3\"");
    }
    if (service.method_count() == 0) {
      errors.error_at(service, subject(service) + "has no rpc, so nothing could reach its entity");
    }
    check_forwarded(service, errors);
    for (int i = 0; i < service.method_count(); ++i) check_streaming(*service.method(i), errors);
    check_functions(s, errors);
  }
}

}  // namespace perdure::codegen
