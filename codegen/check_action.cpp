// Checks of the rpcs and options of services of type SERVICE_TYPE_ACTION.

#include <map>
#include <set>
#include <string_view>

#include "base/kept_back.hpp"
#include "codegen/checks.hpp"
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

void check_functions(const own_service& s, diagnostics& errors) {
  std::map<std::string, std::string> taken;
  for (auto member : members) taken.emplace(member, "a member of every action class");
  taken.emplace(base_class_name(s.name), "the generated class itself");
  check_function_names(rpcs_of(*s.service), std::move(taken), errors);
}

}  // namespace

void check_actions(const service_model& model, diagnostics& errors) {
  for (const auto& s : model.actions) {
    if (!model.is_written(*s.service->file())) continue;
    check_functions(s, errors);
    check_forwarded(*s.service, errors);
    check_http(*s.service, errors);
  }
}

}  // namespace perdure::codegen
