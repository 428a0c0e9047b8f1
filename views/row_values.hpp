#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "views/row_schema.hpp"
#include "views/sql_value.hpp"

// Between fields of messages and SQL's values, both ways. Any thread.

namespace perdure::views {

// The value of a column; NULL where it may be and the field is not there.
sql_value value_of(const google::protobuf::Message& row, const column& of);

// The field at the end of `path`, of any type that a column may have. A repeated one becomes a JSON
// array; a missing `optional` or message field NULL.
sql_value value_at(const google::protobuf::Message& message,
                   const std::vector<const google::protobuf::FieldDescriptor*>& path);

// Sets a singular field that is no other message than a timestamp, duration, wrapper or Struct, or
// adds to such a repeated one. NULL leaves it unset.
//   INVALID_ARGUMENT  the value does not fit the field: text in a number, a number past its range,
//                     a fraction in an integer, a name that the enum has not
status set_value(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 const sql_value& value);

// Values as one blob and back: keys of pages, lists that a query collects. Not for the disk.
std::string pack(const std::vector<sql_value>& values);
result<std::vector<sql_value>> unpack(std::string_view packed);

}  // namespace perdure::views
