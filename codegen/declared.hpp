#pragma once

#include <map>
#include <string>

#include "codegen/service_model.hpp"

// Names that are taken in C++, where ours are to stand beside them.

namespace perdure::codegen {

// What protobuf declares in the namespace of `package`, by its name in C++: "message cart.Cart".
std::map<std::string, std::string> declared_in(const service_model& model,
                                               const std::string& package);

}  // namespace perdure::codegen
