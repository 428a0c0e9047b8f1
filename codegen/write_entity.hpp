#pragma once

#include <google/protobuf/io/printer.h>

#include "codegen/service_model.hpp"

// The abstract class of the entity that a service serves, in the namespace of the entity.

namespace perdure::codegen {

void declare_entity(const entity_service& s, google::protobuf::io::Printer& out);
void define_entity(const entity_service& s, google::protobuf::io::Printer& out);

}  // namespace perdure::codegen
