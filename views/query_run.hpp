#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "views/queries.hpp"
#include "views/query_plan.hpp"
#include "views/sqlite_view_file.hpp"

// One run of a query on a view's file.

namespace perdure::views {

// A query with its parameters.
struct asked_query {
  const query_plan* plan;
  const google::protobuf::Message* prototype;  // of the response
  std::vector<sql_value> values;               // of the SQL's parameters, from the first on
};

//   INVALID_ARGUMENT  a field of the request that the query uses is not there; a page token that
//                     is none of this query
result<asked_query> ask(const query_plan& plan, const google::protobuf::Message& prototype,
                        const google::protobuf::Message& request);

// What a run answers beside what SQLite says (sqlite_connection):
//   FAILED_PRECONDITION  this file has not the tables that the query reads
//   RESOURCE_EXHAUSTED   past the bounds

// The one message of an rpc that does not stream.
//   NOT_FOUND  there is no row, where the message is made of one
result<std::string> run(const asked_query& what, sqlite_view_file::reader& on,
                        const query_limits& bounds);

// The messages of one that streams, a row each. The snapshot is that of the first read(), until all
// is read or this is gone. Used by one thread at a time.
class row_run {
 public:
  row_run(asked_query what, sqlite_view_file::reader on);
  row_run(row_run&&) noexcept;
  ~row_run();

  // As many as come to about `bytes`; fewer, or none: those were the last.
  result<std::vector<std::string>> read(std::size_t bytes);
  bool is_over() const { return is_over_; }

  sqlite_connection& connection() { return on_.connection(); }

 private:
  status begin();

  asked_query what_;
  sqlite_view_file::reader on_;
  sqlite_statement* statement_ = nullptr;  // of on_
  bool is_over_ = false;
};

}  // namespace perdure::views
