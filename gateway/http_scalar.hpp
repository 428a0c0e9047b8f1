#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "perdure/status.hpp"

// Text to scalar, as proto3 JSON writes scalars, without the quotes. Path variables, query
// parameters and JSON values all go through here.

namespace perdure::gateway {

// Sets the field, or adds an element where it is repeated. Numbers are written as in JSON, integers
// also as 1e3 and 2.0, and exactly; what is too small for a double is 0. Of floating point are also
// NaN, Infinity and -Infinity; an enum value is its name or number; bytes are base64. A string is
// taken as it is, so it must be UTF-8. Not for message fields.
//   INVALID_ARGUMENT  the text is not of the field's type, or out of its range
status put_scalar(google::protobuf::Message& message,
                  const google::protobuf::FieldDescriptor& field, std::string_view text);

// "expected a int32, got ...": why `got`, in words or quoted, cannot fill the field.
status wrong_type(const google::protobuf::FieldDescriptor& field, std::string_view got);

// Whether an integer, of any size, is written in the only way that has neither point nor exponent.
bool is_plain_integer(std::string_view text);

// The usual alphabet, with padding.
std::string base64_encoded(std::string_view bytes);

// Either alphabet, with or without padding. Nothing when it is not base64, or ends in stray bits.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace perdure::gateway
