#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

// What a message must be like that is stored: a state, an event, a row of a view.

namespace perdure::codegen {

// Why it could not be read back; empty: it can.
std::string wrong_with_stored(const google::protobuf::Descriptor& message);

}  // namespace perdure::codegen
