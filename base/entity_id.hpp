#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "perdure/status.hpp"

// From a command to the id of the entity it is for.

namespace perdure {

// The fields of `command` marked as entity key, in the order of their numbers.
std::vector<const google::protobuf::FieldDescriptor*> entity_key_fields(
    const google::protobuf::Descriptor& command);

// The id named by the key `fields` of `command`. One field: its text. Several: the parts joined by
// '|', with '|' and '\' inside a part escaped by '\', so that different keys of one service never
// give the same id; that all its commands have the same key fields, by name, order and kind, is the
// generator's to see to. Integers as decimal digits.
//   INVALID_ARGUMENT  a part is empty, not UTF-8 or holds a NUL, or the id is longer than
//                     `bytes_max`; the text names the field
result<std::string> entity_id_of(
    const google::protobuf::Message& command,
    const std::vector<const google::protobuf::FieldDescriptor*>& fields, std::size_t bytes_max);

}  // namespace perdure
