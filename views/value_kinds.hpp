#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string_view>

#include "views/row_schema.hpp"

// What kind of value a result of a query is, as far as it can be told before the query runs, and
// which fields it may go into. What fits in the end is known when it is answered (row_values.hpp).

namespace perdure::views {

struct query_reading;
struct token_range;

enum class value_kind { number, text, blob };

std::string_view described(value_kind kind);  // "a number"

// Of a column; nullopt: JSON, or none of SQLite's words for types.
std::optional<value_kind> kind_of(column_type type);
std::optional<value_kind> kind_of_declared(std::string_view type);

// Of an expression whose names are looked up, by its operators or its function; nullopt: that does
// not tell. NULL may be among its values.
std::optional<value_kind> kind_of(const query_reading& q, token_range expression);

// Whether its value is a JSON text, as far as one can tell.
bool gives_json(const query_reading& q, token_range expression);

// Whether some value of the kind fits into a field of the type.
bool may_fit(value_kind kind, column_type field);

// A problem when no value of an expression fits into the field, or into an element of it.
void check_kind(query_reading& q, token_range expression,
                const google::protobuf::FieldDescriptor& field);

}  // namespace perdure::views
