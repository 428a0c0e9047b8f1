// Writes the abstract class of an action: one pure virtual function per rpc, shaped by what it
// streams, and the switch by which the runtime calls them.

#include "codegen/write_action.hpp"

#include <string>

#include "codegen/names.hpp"
#include "codegen/printing.hpp"
#include "perdure/annotations.pb.h"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;

variables action_variables(const own_service& s) {
  return {{"class", base_class_name(s.name)}, {"service", s.service->full_name()}};
}

variables rpc_variables(const MethodDescriptor& rpc) {
  variables vars{{"function", command_handler_name(rpc)},
                 {"index", std::to_string(rpc.index())},
                 {"reply", qualified_class_name(*rpc.output_type())},
                 {"request", qualified_class_name(*rpc.input_type())}};
  vars["result"] = rpc.server_streaming()
                       ? "::perdure::replies<" + vars["reply"] + ">"
                       : "::perdure::task<::perdure::action_effect<" + vars["reply"] + ">>";
  vars["parameter"] = rpc.client_streaming()
                          ? "::perdure::requests<" + vars["request"] + "> requests"
                          : "const " + vars["request"] + "& request";
  vars["argument"] = rpc.client_streaming()
                         ? "::perdure::requests<" + vars["request"] + ">(::std::get<1>(input))"
                         : "static_cast<const " + vars["request"] + "&>(*::std::get<0>(input))";
  return vars;
}

void print_class(const own_service& s, Printer& out) {
  out.Print(action_variables(s), R"(/// The action $service$.
/// Derive from it and override every pure virtual function.
class $class$ : public ::perdure::action {
 public:
  /// What the runtime knows of this action; it adds `create` itself.
  static ::perdure::action_model model();

)");
  out.Indent();
  for (int i = 0; i < s.service->method_count(); ++i) {
    const auto& rpc = *s.service->method(i);
    if (!has_handler(rpc)) continue;
    print_docs(rpc, out);
    out.Print(rpc_variables(rpc), R"(virtual $result$ $function$(
    $parameter$) = 0;

)");
  }
  out.Outdent();
  out.Print(R"(  // For the runtime: calls the function of an rpc by its index.

  ::perdure::action_output handle(
      ::std::size_t method,
      ::perdure::action_input& input) final;
};

)");
}

void print_model(const variables& vars, Printer& out) {
  out.Print(vars, R"(::perdure::action_model $class$::model() {
  return {
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "$service$"),
      .create = {},
  };
}

)");
}

void print_handle(const own_service& s, const variables& vars, Printer& out) {
  out.Print(vars, R"(::perdure::action_output $class$::handle(
    ::std::size_t method,
    [[maybe_unused]] ::perdure::action_input& input) {
  switch (method) {
)");
  for (int i = 0; i < s.service->method_count(); ++i) {
    const auto& rpc = *s.service->method(i);
    if (!has_handler(rpc)) continue;
    out.Print(rpc_variables(rpc), rpc.server_streaming() ? R"(    case $index$:
      return this->$function$(
          $argument$);
)"
                                                         : R"(    case $index$:
      return ::perdure::erase(this->$function$(
          $argument$));
)");
  }
  out.Print(R"(    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

)");
}

}  // namespace

bool has_handler(const MethodDescriptor& rpc) {
  return !rpc.options().GetExtension(perdure::method).eventing().in().ignore();
}

void declare_action(const own_service& s, Printer& out) {
  print_in_namespace(s.service->file()->package(), out, [&] { print_class(s, out); });
}

void define_action(const own_service& s, Printer& out) {
  auto vars = action_variables(s);
  print_in_namespace(s.service->file()->package(), out, [&] {
    print_model(vars, out);
    print_handle(s, vars, out);
  });
}

}  // namespace perdure::codegen
