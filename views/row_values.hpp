#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "views/packed_values.hpp"
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

// Of one field of the message, or of one element of a repeated field. The field is there.
sql_value field_value(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field);
sql_value element_value(const google::protobuf::Message& message,
                        const google::protobuf::FieldDescriptor& field, int index);

// Sets a field: of a repeated one, a map, or a message that has no column of its own, from its
// JSON. NULL leaves it unset.
//   INVALID_ARGUMENT  the value does not fit the field: text in a number, a number past its range,
//                     a fraction in an integer, a name that the enum has not
status set_value(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 const sql_value& value);

// Likewise, adds one element to a repeated field. NULL adds none.
status add_value(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 const sql_value& value);

}  // namespace perdure::views
