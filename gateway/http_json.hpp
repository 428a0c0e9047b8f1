#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "perdure/status.hpp"

// Messages as proto3 JSON, by protobuf's own mapping.

namespace perdure::gateway {

// Replaces what `message` held.
//   INVALID_ARGUMENT  not UTF-8, not JSON, an unknown field, a value of the wrong type; what
//                     `message` holds then is of no use
status parse_json(std::string_view json, google::protobuf::Message& message);

// Fields with their default value are printed too, those of `optional` only when set. Names in
// lowerCamelCase, 64-bit integers as strings, enum values by name.
//   INTERNAL  the message cannot be printed, such as an Any of an unknown type
result<std::string> to_json(const google::protobuf::Message& message);

// The same of an encoded message of the type of `prototype`.
//   INTERNAL  also: the bytes are not such a message
result<std::string> to_json(const google::protobuf::Message& prototype, const std::string& encoded);

// A JSON string: quoted and escaped. What is not UTF-8 in it becomes '?'.
std::string json_quoted(std::string_view text);

}  // namespace perdure::gateway
