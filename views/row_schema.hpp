#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

// How a row message stands in a table.
//
//   _id   INTEGER PRIMARY KEY  never reused by another key while it is in use
//   _key  TEXT UNIQUE          what the row is known by
//   ...                        one column a field, for queries; of a message inside the row one for
//                              each of its fields, named by its path: "address.city"
//   _row  BLOB                 the message, encoded: nothing that it holds is lost. Last, so that
//                              queries that need it not find the others without reading it
//
// Columns have the name of their field in the .proto. Taken in whole, as JSON: a message inside one
// of its own kind, one without fields, and what is past 20 levels or some 1,000 columns.

namespace perdure::views {

enum class column_type {
  integer,      // INTEGER; unsigned ones past 2^63 become REAL, which keeps their order
  boolean,      // INTEGER, 0 or 1
  real,         // REAL; NaN is NULL
  text,         // TEXT
  bytes,        // BLOB
  enumeration,  // TEXT, the value's name; a number that has none as digits
  timestamp,    // TEXT, RFC 3339 in UTC with nine digits of the second, so that it sorts by time
  duration,     // REAL, seconds
  json,         // TEXT: repeated and map fields, google.protobuf.Struct, messages that recur
};

// "TEXT" and so on, for CREATE TABLE.
std::string_view sql_type_of(column_type type);

struct column {
  std::string name;  // "address.city"
  std::vector<const google::protobuf::FieldDescriptor*>
      path;  // from the row; a wrapper's value too
  column_type type;
  // NULL where the field, or a message around it, is not there: `optional`, messages, wrappers.
  bool may_be_null;
};

struct table_schema {
  std::string name;  // as queries name it
  const google::protobuf::Descriptor* row;
  std::vector<column> columns;

  // By its path; null when there is none. Case counts not, as in SQL.
  const column* find(std::string_view path) const;
};

// Left out, as view_plan refuses them: fields whose names differ only in case, from the second on,
// and those named as our own columns.
table_schema schema_of(std::string name, const google::protobuf::Descriptor& row);

// The column that a field of a message would be, beside its path: of a request's or result's field.
column_type type_of(const google::protobuf::FieldDescriptor& field);

// Likewise of one element of a repeated field.
column_type element_type_of(const google::protobuf::FieldDescriptor& field);

// "TEXT (enum cart.Status)", for people.
std::string described(const google::protobuf::FieldDescriptor& field);

}  // namespace perdure::views
