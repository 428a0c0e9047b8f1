#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"
#include "views/row_schema.hpp"

// From a query as users write it to SQLite's SQL, its parameters, and how results become messages.
//
// The language is SQLite's SELECT, over the tables of the view by their names and their columns by
// their paths (address.city), and beside it:
//
//   :origin, :page.size         fields of the request, by their path
//   * AS f, t.* AS f            the rows, in the field f: a message, or repeated
//   (a, b AS x) AS f            a message made of columns, in the field f; in one another too
//   collect(x), collect(DISTINCT x), collect((a, b)), collect(t.*)
//                               of a group, in a repeated field; NULL is left out
//   x = ANY(y)                  y a repeated column, a path into a repeated message, or a repeated
//                               field of the request; IN (:list) likewise
//   text_search(column, :words)  full text search: all the words, the last one as a beginning
//   total_count()               how many rows there are without LIMIT and OFFSET
//   has_more()                  whether there are rows behind LIMIT
//   next_page_token(), OFFSET page_token_offset(:token)
//                               pages: the token is of the last row's place in ORDER BY, so that
//                               rows that come or go before it neither repeat nor hide others. An
//                               empty one is the first page
//
// A result is named by AS, or by the column's path or its last name, and goes into that field of
// the response; SELECT * into all fields of the response that have a column. An rpc that streams
// answers a message per row, another one message: of the first row, or of all where a result goes
// into a repeated field.

namespace perdure::views {

struct query_parameter {
  std::string name;                                            // "page.size"
  std::vector<const google::protobuf::FieldDescriptor*> path;  // of the request
};

// How one field of the response is made of a row of results.
struct result_field {
  enum class source {
    value,   // of the column
    row,     // the column is a whole encoded message
    fields,  // a message of `parts`
    list,    // the column is a packed list; each element by parts[0]
    rows,    // repeated: an element per row of results, each by parts[0]
    total_count,
    has_more,
    next_page_token,
  };
  source from;
  const google::protobuf::FieldDescriptor* field;  // null: the response itself, or an element
  // Of the SQL's results; inside a list's element of `fields`, of the tuple that the element is. A
  // value or row that is the element itself has 0. A value into a repeated field, a map or a
  // message without a column of its own is JSON.
  std::size_t column = 0;
  std::vector<result_field> parts = {};
};

// Where a page begins again.
struct page_plan {
  std::size_t token_parameter;  // in query_plan::parameters: the request's field with the token
  std::size_t first_key;        // results from this column on, to the last, are the row's place
  std::size_t key_count;
  std::size_t bound_from;  // the place's values are bound from this parameter of the SQL on, and
                           // before them 1 when there is a token, else 0
};

// How a change of one row of a table can be seen in the results without all of them.
struct live_plan {
  std::string table;  // the only one that it reads
  std::string sql;    // the query of one row: its key is bound behind the parameters

  // `column = :parameter`, which all results fulfil: of many who ask this query only those need
  // look at a change whose parameter is what the column was or is.
  struct pick {
    std::optional<std::size_t> column;  // in the table's schema; nullopt: _key
    std::size_t parameter;
  };
  std::optional<pick> picks = {};
};

struct query_plan {
  // SQLite's, one statement; parameters are ?1, ?2 and so on. It, and what stands beside it, may
  // use fewer than there are.
  std::string sql;
  std::vector<query_parameter> parameters;
  std::vector<result_field> results;
  bool answers_many = false;             // one message of all: some result is `rows`, or about all
  bool looks_behind_limit = false;       // the last row past LIMIT is only to see that it is there
  std::optional<std::string> limit_sql;  // then: SELECT of what LIMIT is; the same parameters
  std::optional<std::string> count_sql;  // of total_count(); the same parameters
  std::optional<page_plan> pages;
  std::optional<live_plan> live;         // absent: has to be run again whole
  std::vector<std::string> key_columns;  // of results that tell rows apart: _key of each table, or
                                         // what is grouped by; hidden behind the others
  std::size_t first_key_column = 0;
  std::vector<std::string> tables;                            // that it reads
  std::vector<std::pair<std::string, std::string>> searched;  // table and column of text_search
};

// What is wrong with a query.
struct query_problem {
  std::size_t at;    // in the query's text, in bytes
  std::string text;  // what was expected, what came, what to do
};

struct planned_query_text {
  query_plan plan;
  std::vector<query_problem> problems;  // not empty: the plan is of no use
};

// Looks names and types up, but does not know all of SQL: sqlite_query_check does.
planned_query_text plan_query(std::string_view query, std::span<const table_schema> tables,
                              const google::protobuf::Descriptor& request,
                              const google::protobuf::Descriptor& response, bool streams);

}  // namespace perdure::views
