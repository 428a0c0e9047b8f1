#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

// The struct with a call of each rpc of a service, in the namespace of the service.

namespace perdure::codegen {

void declare_calls(const google::protobuf::ServiceDescriptor& service,
                   google::protobuf::io::Printer& out);
void define_calls(const google::protobuf::ServiceDescriptor& service,
                  google::protobuf::io::Printer& out);

}  // namespace perdure::codegen
