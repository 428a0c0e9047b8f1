// Checks of services of type SERVICE_TYPE_ACTION: a class of each, beside those of entities.

#include <map>
#include <set>
#include <string_view>

#include "base/kept_back.hpp"
#include "codegen/checks.hpp"
#include "codegen/declared.hpp"
#include "codegen/names.hpp"
#include "codegen/write_action.hpp"
#include "google/api/annotations.pb.h"

namespace perdure::codegen {
namespace {

using google::protobuf::ServiceDescriptor;

// What perdure::action has already (include/perdure/action.hpp), and what the generator adds.
constexpr std::string_view members[] = {"context", "effects", "handle", "model"};

std::string subject(const ServiceDescriptor& service) { return "service " + service.name() + ": "; }

void error(const ServiceDescriptor& service, int number, const std::string& text,
           diagnostics& errors) {
  errors.error(*service.file(), service_option_path(service, number), subject(service) + text);
}

// False when the class has no name.
bool check_component(const action_service& s, diagnostics& errors) {
  if (is_simple_name(s.name)) return true;
  error(*s.service, ServiceOptions::kComponentFieldNumber,
        "component: \"" + s.name +
            "\" must be a name in the service's own package, a letter, then letters, digits and "
            "'_', such as \"" +
            s.service->name() + "\", or be left out",
        errors);
  return false;
}

void check_class(const action_service& s, const service_model& model, diagnostics& errors) {
  auto would_be = "the class of action \"" + s.name + "\" would be " + base_class_name(s.name);
  auto declared = declared_in(model, s.service->file()->package());
  if (auto other = declared.find(base_class_name(s.name)); other != declared.end()) {
    errors.error_at(*s.service, subject(*s.service) + would_be + ", but that is what " +
                                    other->second + " is in C++; rename one of them");
  }
  for (const auto& c : model.components) {
    if (c.file->package() != s.service->file()->package()) continue;
    if (base_class_name(c.name) != base_class_name(s.name)) continue;
    errors.error_at(*s.service, subject(*s.service) + would_be + ", as is that of entity " +
                                    c.full_name + " (" + c.file->name() +
                                    "); rename one of them, or name the action by component");
  }
}

void check_forwarded(const ServiceDescriptor& service, diagnostics& errors) {
  constexpr std::string_view characters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  std::set<std::string> seen;
  for (const auto& written : service.options().GetExtension(perdure::service).forward_headers()) {
    auto header_error = [&](const std::string& text) {
      error(service, ServiceOptions::kForwardHeadersFieldNumber,
            "forward_headers: \"" + written + "\" " + text, errors);
    };
    auto name = lower_case(written);
    if (name.empty() || name.find_first_not_of(characters) != name.npos) {
      header_error("is no name of a header, which may hold only letters, digits, '-', '_' and '.'");
    } else if (is_kept_back(name) || name == "idempotency-key") {  // a key is for one command
      header_error("is between caller and gateway, and goes no further; remove it");
    } else if (!seen.insert(name).second) {
      header_error("is there twice, capitals or not; remove one");
    }
  }
}

// Nothing in HTTP is a stream of requests, and what has no function is not served.
void check_http(const ServiceDescriptor& service, diagnostics& errors) {
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& rpc = *service.method(i);
    if (!rpc.options().HasExtension(google::api::http)) continue;
    if (rpc.client_streaming()) {
      errors.error_at(rpc, "rpc " + rpc.name() +
                               ": google.api.http is for rpcs that take one request, and this one "
                               "takes a stream of them; remove it, or \"stream\"");
    } else if (!has_handler(rpc)) {
      errors.error_at(rpc, "rpc " + rpc.name() +
                               ": google.api.http is for rpcs that are called, and one with "
                               "eventing.in.ignore has no function; remove one of them");
    }
  }
}

void check_functions(const action_service& s, diagnostics& errors) {
  std::map<std::string, std::string> taken;
  for (auto member : members) taken.emplace(member, "a member of every action class");
  taken.emplace(base_class_name(s.name), "the generated class itself");
  check_function_names(*s.service, std::move(taken), errors);
}

// Reported at the later of the two, unless that is only imported.
void check_unique(const service_model& model, diagnostics& errors) {
  std::map<std::string, const action_service*> by_class;
  for (const auto& s : model.actions) {
    auto name = s.service->file()->package() + "." + base_class_name(s.name);
    auto [place, is_new] = by_class.emplace(name, &s);
    if (is_new) continue;
    const auto* later = &s;
    const auto* other = place->second;
    if (!model.is_written(*later->service->file())) std::swap(later, other);
    if (!model.is_written(*later->service->file())) continue;
    errors.error_at(*later->service, subject(*later->service) + "the class of action \"" +
                                         later->name + "\" would be " +
                                         base_class_name(later->name) + ", as is that of " +
                                         other->service->full_name() + " (" +
                                         other->service->file()->name() + "); rename one of them");
  }
}

}  // namespace

void check_actions(const service_model& model, diagnostics& errors) {
  for (const auto& s : model.actions) {
    const auto& service = *s.service;
    if (!model.is_written(*service.file())) continue;
    if (service.file()->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3) {
      errors.error_at(service, subject(service) +
                                   "an action cannot be declared in a proto2 file; use syntax = "
                                   "\"proto3\"");
    }
    if (service.method_count() == 0) {
      errors.error_at(service, subject(service) + "has no rpc, so there is nothing it could do");
    }
    if (check_component(s, errors)) check_class(s, model, errors);
    check_functions(s, errors);
    check_forwarded(service, errors);
    check_http(service, errors);
  }
  check_unique(model, errors);
}

}  // namespace perdure::codegen
