// Checks of the structs with the calls of services: they stand beside messages and other services'.

#include <map>

#include "codegen/checks.hpp"
#include "codegen/declared.hpp"
#include "codegen/names.hpp"
#include "codegen/write_calls.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::ServiceDescriptor;

std::vector<const ServiceDescriptor*> services_with_calls(const service_model& model) {
  std::vector<const ServiceDescriptor*> services;
  for (const auto& s : model.services) services.push_back(s.service);
  for (const auto& s : model.actions) {
    if (has_calls(*s.service)) services.push_back(s.service);
  }
  return services;
}

std::string would_be(const ServiceDescriptor& service) {
  return "service " + service.name() + ": the struct of its calls would be " +
         calls_struct_name(service);
}

void check_declared(const ServiceDescriptor& service, const service_model& model,
                    diagnostics& errors) {
  auto declared = declared_in(model, service.file()->package());
  if (auto other = declared.find(calls_struct_name(service)); other != declared.end()) {
    errors.error_at(service, would_be(service) + ", but that is what " + other->second +
                                 " is in C++; rename one of them");
  }
}

// A function of the name of its class would be taken for a constructor.
void check_functions(const ServiceDescriptor& service, diagnostics& errors) {
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& rpc = *service.method(i);
    if (!is_callable(rpc) || command_handler_name(rpc) != calls_struct_name(service)) continue;
    errors.error_at(rpc, "rpc " + rpc.name() + ": its function would be " +
                             command_handler_name(rpc) +
                             "(), but that is the struct of the service's calls; rename the rpc");
  }
}

// Reported at the later of the two, unless that is only imported.
void check_unique(const service_model& model, diagnostics& errors) {
  std::map<std::string, const ServiceDescriptor*> by_struct;
  for (const auto* service : services_with_calls(model)) {
    auto name = service->file()->package() + "." + calls_struct_name(*service);
    auto [place, is_new] = by_struct.emplace(name, service);
    if (is_new) continue;
    const auto* other = place->second;
    if (!model.is_written(*service->file())) std::swap(service, other);
    if (!model.is_written(*service->file())) continue;
    errors.error_at(*service, would_be(*service) + ", as is that of " + other->full_name() + " (" +
                                  other->file()->name() + "); rename one of them");
  }
}

}  // namespace

void check_calls(const service_model& model, diagnostics& errors) {
  for (const auto* service : services_with_calls(model)) {
    if (!model.is_written(*service->file())) continue;
    check_declared(*service, model, errors);
    check_functions(*service, errors);
  }
  check_unique(model, errors);
}

}  // namespace perdure::codegen
