#pragma once

#include <string>
#include <vector>

#include "views/query_reading.hpp"

// The list of results while it is being made: what query_results.cpp and query_stars.cpp share.

namespace perdure::views {

// Where results go: fields of a message, from columns of the SQL or from elements of a tuple.
struct result_target {
  const google::protobuf::Descriptor* message;
  std::vector<result_field>* fields;
  std::vector<std::string>* columns;
  bool is_outermost;  // of the response itself, not of a message in it
  bool is_in_list;    // of what collect() collects: columns are the tuple's
};

struct star {
  token_range written;
  std::vector<const from_item*> of;  // one of t.*, all of *
};

// Sets the field at the end of a path; a problem when something does already.
void place(query_reading& q, std::size_t token, const result_target& in,
           const std::vector<const google::protobuf::FieldDescriptor*>& path, result_field made);

// The field of a message that a name or path means; empty when there is none.
std::vector<const google::protobuf::FieldDescriptor*> find_field(
    const google::protobuf::Descriptor& in, const std::vector<std::string>& path);

std::vector<std::string> field_names(const google::protobuf::Descriptor& of);

bool is_plain_message(const google::protobuf::FieldDescriptor& field);  // no timestamp or the like

// Whether an item is * or t.*, and of what; a problem when that is not in FROM.
bool is_star(const query_reading& q, token_range expression);
star star_of(query_reading& q, const select_core& core, token_range expression);

// All fields of the target that have a column.
void add_star(query_reading& q, const star& of, const result_target& to);

// A row into a field, or as an element: whole where it is the same message.
result_field message_of_star(query_reading& q, const star& of,
                             const google::protobuf::Descriptor& message,
                             std::vector<std::string>& columns, bool is_in_list);

}  // namespace perdure::views
