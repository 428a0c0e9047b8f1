// Writes the class of a view: one pure virtual function per rpc that has a handler, the switch by
// which the runtime calls them, and a function per table. Queries have none: their SQL is all.

#include "codegen/write_view.hpp"

#include <algorithm>

#include "codegen/names.hpp"
#include "codegen/printing.hpp"
#include "codegen/write_action.hpp"
#include "perdure/annotations.pb.h"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const View& view_of(const MethodDescriptor& rpc) {
  return rpc.options().GetExtension(perdure::method).view();
}

variables view_variables(const own_service& s) {
  return {{"class", base_class_name(s.name)}, {"service", s.service->full_name()}};
}

// A deletion has no content: its handler is told the row only.
variables handler_variables(const MethodDescriptor& rpc) {
  variables vars{{"function", command_handler_name(rpc)},
                 {"index", std::to_string(rpc.index())},
                 {"row", qualified_class_name(*rpc.output_type())}};
  auto request = qualified_class_name(*rpc.input_type());
  bool is_deletion = rpc.options().GetExtension(perdure::method).eventing().in().handle_deletes();
  vars["parameter"] = is_deletion ? "" : "const " + request + "& event";
  vars["argument"] = is_deletion ? "" : "static_cast<const " + request + "&>(message)";
  return vars;
}

variables table_variables(const written_table& table) {
  return {{"function", table.function},
          {"row", qualified_class_name(*table.row)},
          {"table", table.name}};
}

void print_tables(const own_service& s, Printer& out) {
  auto tables = tables_of(*s.service);
  if (tables.empty()) return;
  out.Print("\n protected:\n");
  out.Indent();
  for (const auto& table : tables) {
    out.Print(table_variables(table), R"(/// The table "$table$".
::perdure::view_table<$row$> $function$() const;
)");
  }
  out.Outdent();
}

void print_class(const own_service& s, Printer& out) {
  auto vars = view_variables(s);
  auto handlers = view_handlers_of(*s.service);
  out.Print(vars, "/// The view $service$.\n");
  out.Print(handlers.empty() ? "/// It has no handlers, and can be added to a service as it is.\n"
                             : "/// Derive from it and override every pure virtual function.\n");
  out.Print(vars, R"(class $class$ : public ::perdure::view {
 public:
  /// What the runtime knows of this view; it adds `create` itself.
  static ::perdure::view_model model();

)");
  out.Indent();
  for (const auto* rpc : handlers) {
    print_docs(*rpc, out);
    auto of_rpc = handler_variables(*rpc);
    out.Print(of_rpc, R"(virtual ::perdure::view_effect<$row$> $function$(
    ::std::optional<$row$> row)");
    if (!of_rpc["parameter"].empty()) out.Print(of_rpc, ",\n    $parameter$");
    out.Print(") = 0;\n\n");
  }
  out.Outdent();
  out.Print(R"(  // For the runtime: calls the function of an rpc by its index.

  ::perdure::any_view_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message* row,
      const ::google::protobuf::Message& message) final;
)");
  print_tables(s, out);
  out.Print("};\n\n");
}

void print_model(const variables& vars, Printer& out) {
  out.Print(vars, R"(::perdure::view_model $class$::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "$service$"),
      .create = {},
  };
}

)");
}

void print_handle(const own_service& s, const variables& vars, Printer& out) {
  out.Print(vars, R"(::perdure::any_view_effect $class$::handle(
    ::std::size_t method,
    [[maybe_unused]] const ::google::protobuf::Message* row,
    [[maybe_unused]] const ::google::protobuf::Message& message) {
  switch (method) {
)");
  for (const auto* rpc : view_handlers_of(*s.service)) {
    auto of_rpc = handler_variables(*rpc);
    out.Print(of_rpc, R"(    case $index$:
      return this->$function$(
          ::perdure::typed_row<$row$>(row))");
    if (!of_rpc["argument"].empty()) out.Print(of_rpc, ",\n          $argument$");
    out.Print(").erase();\n");
  }
  out.Print(R"(    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

)");
}

}  // namespace

std::vector<written_table> tables_of(const ServiceDescriptor& service) {
  std::vector<written_table> tables;
  for (const auto* rpc : rpcs_of(service)) {
    if (!view_of(*rpc).has_update() || is_empty(*rpc->output_type())) continue;
    const auto& name = view_of(*rpc).update().table();
    if (std::ranges::find(tables, name, &written_table::name) != tables.end()) continue;
    tables.push_back({name, identifier(snake_case(name)), rpc->output_type(), rpc});
  }
  return tables;
}

std::vector<const MethodDescriptor*> view_handlers_of(const ServiceDescriptor& service) {
  auto rpcs = rpcs_of(service);
  std::erase_if(rpcs, [](const MethodDescriptor* rpc) {
    return !view_of(*rpc).update().transform_updates() || !has_handler(*rpc);
  });
  return rpcs;
}

void declare_view(const own_service& s, Printer& out) {
  print_in_namespace(s.service->file()->package(), out, [&] { print_class(s, out); });
}

void define_view(const own_service& s, Printer& out) {
  auto vars = view_variables(s);
  print_in_namespace(s.service->file()->package(), out, [&] {
    print_model(vars, out);
    print_handle(s, vars, out);
    for (const auto& table : tables_of(*s.service)) {
      auto of_table = table_variables(table);
      of_table["class"] = vars["class"];
      out.Print(of_table, R"(::perdure::view_table<$row$> $class$::$function$() const {
  return this->table<$row$>("$table$");
}

)");
    }
  });
}

}  // namespace perdure::codegen
