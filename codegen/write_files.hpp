#pragma once

#include <string>
#include <vector>

#include "codegen/service_model.hpp"

// The generated files, from a model without errors.

namespace perdure::codegen {

struct written_file {
  std::string name;
  std::string content;
};

// `<stem>.perdure.hpp` and `<stem>.perdure.cpp`: one abstract class for each entity that a service
// of `file` serves and for each action, and the calls of that service. Both are written for every
// file, so that a build system knows their names without reading the .proto.
std::vector<written_file> write_files(const google::protobuf::FileDescriptor& file,
                                      const service_model& model);

}  // namespace perdure::codegen
