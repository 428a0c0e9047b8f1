#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string_view>
#include <vector>

#include "perdure/status.hpp"

// Fields of a request, filled from text: path variables and query parameters.

namespace perdure::gateway {

// From the request down to the field: "item.name" is two steps.
using field_path = std::vector<const google::protobuf::FieldDescriptor*>;

// By names as in the .proto or as in JSON. Empty when there is no such field.
field_path find_field(const google::protobuf::Descriptor& type, std::string_view dotted);

// Whether one text can fill the field (one element of it, where it is repeated): scalars, enums,
// and the well-known messages that JSON writes as one string or number (Timestamp, Duration,
// FieldMask, wrappers).
bool takes_text(const google::protobuf::FieldDescriptor& field);

// Sets the field, or adds an element where it is repeated. Text is what proto3 JSON has, without
// quotes: digits, "true", an enum value's name or number, base64 for bytes.
//   INVALID_ARGUMENT  the text is not of the field's type
status set_field(google::protobuf::Message& message, const field_path& path, std::string_view text);

// "a, b and c": what a wrong name could have been.
std::string field_names(const google::protobuf::Descriptor& type);

}  // namespace perdure::gateway
