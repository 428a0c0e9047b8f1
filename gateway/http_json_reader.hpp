#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "perdure/status.hpp"

namespace perdure::gateway {

// Fills an empty message of a plain type (http_json_shape.hpp) from JSON, without a detour over a
// document or protobuf's encoding. Strict: RFC 8259, each field and each key of a map once, a
// number as a key in digits alone, null only where it stands for a field's default value, at most
// 100 messages, lists and maps inside each other. RapidJSON takes no exponent over 308, not even in
// 0e400.
//   INVALID_ARGUMENT  the text names the place: the byte where the JSON breaks off, or the path of
//                     the field ("author.born: expected a int32, got \"x\"")
status read_json(std::string_view json, google::protobuf::Message& message);

}  // namespace perdure::gateway
