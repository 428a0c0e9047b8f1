// Checks of views as classes: names of their functions, and that what is said of a service or an
// rpc makes sense of one. Before: check_view_plan.cpp.

#include <map>
#include <string_view>

#include "codegen/checks.hpp"
#include "codegen/names.hpp"
#include "codegen/stored_message.hpp"
#include "codegen/write_view.hpp"
#include "google/api/annotations.pb.h"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// What perdure::view has already (include/perdure/view.hpp), and what the generator adds.
constexpr std::string_view members[] = {"context", "effects", "enter", "handle", "model", "table"};

std::string subject(const MethodDescriptor& rpc) { return "rpc " + rpc.name() + ": "; }

// ---------------------------------------------------------------------------------------- tables

void table_error(const written_table& table, const std::string& text, diagnostics& errors) {
  errors.error(*table.rpc->service()->file(),
               method_option_path(*table.rpc, MethodOptions::kViewFieldNumber),
               subject(*table.rpc) + "view.update.table: " + text);
}

void check_rows(const own_service& s, diagnostics& errors) {
  for (const auto& table : tables_of(*s.service)) {
    if (auto wrong = wrong_with_stored(*table.row); !wrong.empty()) {
      table_error(table, "its row " + table.row->full_name() + " " + wrong, errors);
    }
  }
}

void check_functions(const own_service& s, diagnostics& errors) {
  std::map<std::string, std::string> taken;
  for (auto member : members) taken.emplace(member, "a member of every view class");
  taken.emplace(base_class_name(s.name), "the generated class itself");
  for (const auto& table : tables_of(*s.service)) {
    if (!is_simple_name(table.name)) continue;  // an error of its own
    auto [other, is_new] = taken.emplace(table.function, "table \"" + table.name + "\"");
    if (is_new) continue;
    table_error(table,
                "the function of \"" + table.name + "\" would be " + table.function +
                    "(), but that is " + other->second + "; rename the table",
                errors);
  }
  check_function_names(view_handlers_of(*s.service), std::move(taken), errors);
}

// ------------------------------------------------------------------------------------------ rpcs

// What brings rows is not called by anybody.
void check_http(const MethodDescriptor& rpc, diagnostics& errors) {
  if (!rpc.options().HasExtension(google::api::http)) return;
  if (!rpc.options().GetExtension(perdure::method).view().has_update()) return;
  errors.error_at(rpc, subject(rpc) +
                           "google.api.http is for rpcs that are called, and one with view.update "
                           "is not; remove one of them");
}

void check_forwarded(const ServiceDescriptor& service, diagnostics& errors) {
  if (service.options().GetExtension(perdure::service).forward_headers().empty()) return;
  errors.error(*service.file(),
               service_option_path(service, ServiceOptions::kForwardHeadersFieldNumber),
               "service " + service.name() +
                   ": forward_headers is for actions; a view calls nobody: remove it");
}

void check_view_option(const service_model& model, const ServiceDescriptor& service,
                       diagnostics& errors) {
  if (!service.options().GetExtension(perdure::service).has_view()) return;
  if (model.is_view(service)) return;
  errors.error(*service.file(), service_option_path(service, ServiceOptions::kViewFieldNumber),
               "service " + service.name() +
                   ": view is for views; write type: SERVICE_TYPE_VIEW, or remove it");
}

}  // namespace

void check_views(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.files) {
    for (int i = 0; i < file->service_count(); ++i) {
      check_view_option(model, *file->service(i), errors);
    }
  }
  for (const auto& s : model.views) {
    if (!model.is_written(*s.service->file())) continue;
    check_functions(s, errors);
    check_rows(s, errors);
    check_forwarded(*s.service, errors);
    for (const auto* rpc : rpcs_of(*s.service)) check_http(*rpc, errors);
  }
}

}  // namespace perdure::codegen
