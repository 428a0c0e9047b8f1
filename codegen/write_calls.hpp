#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/printer.h>

// The struct with a call of each rpc of a service, in the namespace of the service.

namespace perdure::codegen {

// Whether it can be called: it takes one request and gives one reply, and somebody handles it.
bool is_callable(const google::protobuf::MethodDescriptor& rpc);

// Without a callable rpc there is no struct.
bool has_calls(const google::protobuf::ServiceDescriptor& service);

void declare_calls(const google::protobuf::ServiceDescriptor& service,
                   google::protobuf::io::Printer& out);
void define_calls(const google::protobuf::ServiceDescriptor& service,
                  google::protobuf::io::Printer& out);

}  // namespace perdure::codegen
