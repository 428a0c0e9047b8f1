// Checks of actions and views as components: each makes a class of its service, beside those of
// entities.

#include <map>

#include "codegen/checks.hpp"
#include "codegen/declared.hpp"
#include "codegen/names.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::ServiceDescriptor;

// "action" or "view".
std::string kind_of(const own_service& s, const service_model& model) {
  return model.is_view(*s.service) ? "view" : "action";
}

std::string subject(const ServiceDescriptor& service) { return "service " + service.name() + ": "; }

std::string would_be(const own_service& s, const service_model& model) {
  return subject(*s.service) + "the class of " + kind_of(s, model) + " \"" + s.name +
         "\" would be " + base_class_name(s.name);
}

// False when the class has no name.
bool check_component(const own_service& s, diagnostics& errors) {
  if (is_simple_name(s.name)) return true;
  errors.error(*s.service->file(),
               service_option_path(*s.service, ServiceOptions::kComponentFieldNumber),
               subject(*s.service) + "component: \"" + s.name +
                   "\" must be a name in the service's own package, a letter, then letters, "
                   "digits and '_', such as \"" +
                   s.service->name() + "\", or be left out");
  return false;
}

void check_class(const own_service& s, const service_model& model, diagnostics& errors) {
  auto declared = declared_in(model, s.service->file()->package());
  if (auto other = declared.find(base_class_name(s.name)); other != declared.end()) {
    errors.error_at(*s.service, would_be(s, model) + ", but that is what " + other->second +
                                    " is in C++; rename one of them");
  }
  for (const auto& c : model.components) {
    if (c.file->package() != s.service->file()->package()) continue;
    if (base_class_name(c.name) != base_class_name(s.name)) continue;
    errors.error_at(*s.service, would_be(s, model) + ", as is that of entity " + c.full_name +
                                    " (" + c.file->name() + "); rename one of them, or name the " +
                                    kind_of(s, model) + " by component");
  }
}

// Reported at the later of the two, unless that is only imported.
void check_unique(const own_service& s, const service_model& model,
                  std::map<std::string, const own_service*>& by_class, diagnostics& errors) {
  auto name = s.service->file()->package() + "." + base_class_name(s.name);
  auto [place, is_new] = by_class.emplace(name, &s);
  if (is_new) return;
  const auto* later = &s;
  const auto* other = place->second;
  if (!model.is_written(*later->service->file())) std::swap(later, other);
  if (!model.is_written(*later->service->file())) return;
  errors.error_at(*later->service, would_be(*later, model) + ", as is that of " +
                                       other->service->full_name() + " (" +
                                       other->service->file()->name() + "); rename one of them");
}

void check_service(const own_service& s, const service_model& model, diagnostics& errors) {
  const auto& service = *s.service;
  if (service.file()->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3) {
    bool is_view = model.is_view(service);
    errors.error_at(service, subject(service) + (is_view ? "a view" : "an action") +
                                 " cannot be declared in a proto2 file; use syntax = \"proto3\"");
  }
  if (service.method_count() == 0) {
    errors.error_at(service, subject(service) + "has no rpc, so there is nothing it could do");
  }
  if (check_component(s, errors)) check_class(s, model, errors);
}

}  // namespace

void check_own_services(const service_model& model, diagnostics& errors) {
  std::map<std::string, const own_service*> by_class;
  for (const auto* all : {&model.actions, &model.views}) {
    for (const auto& s : *all) {
      if (model.is_written(*s.service->file())) check_service(s, model, errors);
      check_unique(s, model, by_class, errors);
    }
  }
}

}  // namespace perdure::codegen
