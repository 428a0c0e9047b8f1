#pragma once

#include <google/protobuf/io/printer.h>

#include "codegen/service_model.hpp"

// The abstract class of an action, in the namespace of its service.

namespace perdure::codegen {

// Whether the class has a function for the rpc. It has none for messages that are only ignored.
bool has_handler(const google::protobuf::MethodDescriptor& rpc);

void declare_action(const own_service& s, google::protobuf::io::Printer& out);
void define_action(const own_service& s, google::protobuf::io::Printer& out);

}  // namespace perdure::codegen
