#pragma once

#include <google/protobuf/io/printer.h>

#include <string>
#include <vector>

#include "codegen/service_model.hpp"

// The class of a view, in the namespace of its service: abstract where it has handlers.

namespace perdure::codegen {

// A table, as the class has it.
struct written_table {
  std::string name;      // as queries name it
  std::string function;  // "products"
  const google::protobuf::Descriptor* row;
  const google::protobuf::MethodDescriptor* rpc;  // the first that names it
};

// In the order of the rpcs. What returns google.protobuf.Empty brings no rows.
std::vector<written_table> tables_of(const google::protobuf::ServiceDescriptor& service);

// The rpcs of which the class has a function: those that say transform_updates and ignore nothing.
std::vector<const google::protobuf::MethodDescriptor*> view_handlers_of(
    const google::protobuf::ServiceDescriptor& service);

void declare_view(const own_service& s, google::protobuf::io::Printer& out);
void define_view(const own_service& s, google::protobuf::io::Printer& out);

}  // namespace perdure::codegen
