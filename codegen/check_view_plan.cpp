// What is wrong with the tables, updates and queries of views: views/view_plan and SQLite say it,
// here it gets its place.

#include "codegen/checks.hpp"
#include "views/sqlite_tables.hpp"
#include "views/view_plan.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// The text begins with the option that it is about, ".view.query: line 1, column 8: ...", or
// without one, ": its request ...".
void report(const ServiceDescriptor& service, const MethodDescriptor* rpc, const std::string& text,
            diagnostics& to) {
  auto is_about = [&](const std::string& option) { return text.starts_with("." + option); };
  auto rest = text.substr(text.starts_with('.') ? 1 : text.starts_with(": ") ? 2 : 0);
  if (rpc == nullptr) {
    auto place = service_option_path(service, ServiceOptions::kEventingFieldNumber);
    return to.error(*service.file(), place, "service " + service.name() + ": " + rest);
  }
  rest = "rpc " + rpc->name() + ": " + rest;
  if (is_about("view")) {
    return to.error(*service.file(), method_option_path(*rpc, MethodOptions::kViewFieldNumber),
                    rest);
  }
  if (!is_about("eventing")) return to.error_at(*rpc, rest);
  auto place = method_option_path(*rpc, MethodOptions::kEventingFieldNumber);
  if (is_about("eventing.in")) place.push_back(Eventing::kInFieldNumber);
  if (is_about("eventing.out")) place.push_back(Eventing::kOutFieldNumber);
  to.error(*service.file(), place, rest);
}

}  // namespace

void check_view_plans(const service_model& model, diagnostics& errors, diagnostics& warnings) {
  for (const auto& s : model.views) {
    const auto& service = *s.service;
    if (!model.is_written(*service.file())) continue;
    auto planned = views::plan_view(service);
    for (const auto& [rpc, text] : planned.problems) report(service, rpc, text, errors);
    if (!planned.problems.empty()) continue;  // SQLite would only say odd things
    for (const auto& found : views::check_queries(planned.plan).findings) {
      report(service, found.rpc, found.text, found.is_warning ? warnings : errors);
    }
  }
}

}  // namespace perdure::codegen
