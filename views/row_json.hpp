#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "perdure/status.hpp"

// Repeated fields, maps and whole messages as the JSON of their columns. Not proto3's JSON, as SQL
// has to compare what is in it: fields have the names of the .proto, and their values are what a
// column of theirs would hold - 64-bit integers and durations are numbers, timestamps have nine
// digits. Bytes are base64. Fields without presence are always there, and keys of maps sorted.
//
// Struct, Value and ListValue are the JSON that they stand for; Any is its type_url and value.

namespace perdure::views {

// Of a field, which is there if it has presence.
std::string json_of(const google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor& field);

// The same back, of all of a field: sets it; adds to a repeated one or map.
//   INVALID_ARGUMENT  it is not JSON, or not of this field; says where
status set_from_json(google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor& field, std::string_view json);

// Likewise of one element of a repeated field; of a singular one the same as set_from_json().
status set_element_from_json(google::protobuf::Message& message,
                             const google::protobuf::FieldDescriptor& field, std::string_view json);

}  // namespace perdure::views
