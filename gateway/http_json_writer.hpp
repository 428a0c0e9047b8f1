#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace perdure::gateway {

// A message of a plain type (http_json_shape.hpp) as JSON, in the order of its .proto. Its strings
// are UTF-8, as protobuf's parser sees to.
std::string write_json(const google::protobuf::Message& message);

}  // namespace perdure::gateway
