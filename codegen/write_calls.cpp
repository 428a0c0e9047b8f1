// Writes the calls of a service: what a handler gives to an effect that sends or forwards a
// command, or starts a timer.

#include "codegen/write_calls.hpp"

#include <vector>

#include "codegen/names.hpp"
#include "codegen/printing.hpp"
#include "codegen/write_action.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

variables call_variables(const MethodDescriptor& rpc) {
  return {{"calls", calls_struct_name(*rpc.service())},
          {"function", command_handler_name(rpc)},
          {"reply", qualified_class_name(*rpc.output_type())},
          {"request", qualified_class_name(*rpc.input_type())},
          {"rpc", rpc.full_name()}};
}

// The rpcs that have a call, in their order.
std::vector<const MethodDescriptor*> callable_rpcs(const ServiceDescriptor& service) {
  std::vector<const MethodDescriptor*> rpcs;
  for (int i = 0; i < service.method_count(); ++i) {
    if (is_callable(*service.method(i))) rpcs.push_back(service.method(i));
  }
  return rpcs;
}

}  // namespace

bool is_callable(const MethodDescriptor& rpc) {
  return !rpc.client_streaming() && !rpc.server_streaming() && has_handler(rpc);
}

bool has_calls(const ServiceDescriptor& service) { return !callable_rpcs(service).empty(); }

void declare_calls(const ServiceDescriptor& service, Printer& out) {
  auto rpcs = callable_rpcs(service);
  if (rpcs.empty()) return;
  print_in_namespace(service.file()->package(), out, [&] {
    out.Print(
        "/// Commands of $service$, for effects that send or forward them, or start a timer.\n"
        "struct $calls$ {\n",
        "service", service.full_name(), "calls", calls_struct_name(service));
    out.Indent();
    for (const auto* rpc : rpcs) {
      if (rpc != rpcs.front()) out.Print("\n");
      print_docs(*rpc, out);
      out.Print(call_variables(*rpc), R"(static ::perdure::call<$reply$> $function$(
    $request$ request);
)");
    }
    out.Outdent();
    out.Print("};\n\n");
  });
}

void define_calls(const ServiceDescriptor& service, Printer& out) {
  if (!has_calls(service)) return;
  print_in_namespace(service.file()->package(), out, [&] {
    for (const auto* rpc : callable_rpcs(service)) {
      out.Print(call_variables(*rpc),
                R"(::perdure::call<$reply$> $calls$::$function$(
    $request$ request) {
  static const auto* const method =
      ::google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "$rpc$");
  return {method, ::std::move(request)};
}

)");
    }
  });
}

}  // namespace perdure::codegen
