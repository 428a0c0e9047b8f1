#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "views/query_plan.hpp"
#include "views/sqlite_connection.hpp"

// From rows of results to response messages, as a query_plan says.

namespace perdure::views {

// The values of a query's parameters, from its request.
//   INVALID_ARGUMENT  an `optional` field or a message that the query uses is not there, or a text
//                     in a list holds U+0000: names the parameter
result<std::vector<sql_value>> parameters_of(const query_plan& plan,
                                             const google::protobuf::Message& request);

// What is known beside the rows, where the query asks for it.
struct result_surroundings {
  std::int64_t total_count = 0;
  bool has_more = false;
  std::string next_page_token;
};

// One message of the row at which `row` stands.
//   INTERNAL   a value does not fit its field; names both
//   DATA_LOSS  a stored row cannot be read
result<std::string> encode_row(const query_plan& plan, const google::protobuf::Message& prototype,
                               const sqlite_statement& row);

// One message of many rows. Results that are one value are those of the first row.
class many_rows {
 public:
  many_rows(const query_plan& plan, const google::protobuf::Message& prototype);
  status add(const sqlite_statement& row);
  std::size_t bytes() const { return bytes_; }  // about, so far
  result<std::string> encode(const result_surroundings& beside) &&;

 private:
  const query_plan& plan_;
  std::unique_ptr<google::protobuf::Message> message_;
  std::string behind_;  // more of its fields, encoded
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace perdure::views
