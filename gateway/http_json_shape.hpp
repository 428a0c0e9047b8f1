#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>
#include <unordered_map>

// What reading and writing a type of message as JSON needs to know of it, found out once.

namespace perdure::gateway {

struct json_shape {
  // Whether its JSON follows from its fields alone. Not so for what google.protobuf has a JSON of
  // its own for (Timestamp, Any, wrappers, ...), for proto2, and for what holds such things.
  bool plain;

  // By name in JSON and by name in the .proto; where one field's is another's, JSON's counts.
  std::unordered_map<std::string_view, const google::protobuf::FieldDescriptor*> fields;
};

// Of a compiled-in type, which is there for ever. Any thread; the result is the calling thread's.
const json_shape& json_shape_of(const google::protobuf::Descriptor& type);

}  // namespace perdure::gateway
