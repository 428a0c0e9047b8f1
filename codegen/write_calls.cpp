// Writes the calls of a service: what a handler gives to an effect that sends or forwards a
// command, or starts a timer.

#include "codegen/write_calls.hpp"

#include "codegen/names.hpp"
#include "codegen/printing.hpp"

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

}  // namespace

void declare_calls(const ServiceDescriptor& service, Printer& out) {
  print_in_namespace(service.file()->package(), out, [&] {
    out.Print(
        "/// Commands of $service$, for effects that send or forward them, or start a timer.\n"
        "struct $calls$ {\n",
        "service", service.full_name(), "calls", calls_struct_name(service));
    out.Indent();
    for (int i = 0; i < service.method_count(); ++i) {
      if (i > 0) out.Print("\n");
      print_docs(*service.method(i), out);
      out.Print(call_variables(*service.method(i)), R"(static ::perdure::call<$reply$> $function$(
    $request$ request);
)");
    }
    out.Outdent();
    out.Print("};\n\n");
  });
}

void define_calls(const ServiceDescriptor& service, Printer& out) {
  print_in_namespace(service.file()->package(), out, [&] {
    for (int i = 0; i < service.method_count(); ++i) {
      out.Print(call_variables(*service.method(i)),
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
