#pragma once

#include <span>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "views/sql_words.hpp"
#include "views/sqlite_connection.hpp"
#include "views/view_plan.hpp"

// How the tables of a view stand in SQLite, and which indexes its queries need.

namespace perdure::views {

// Makes the tables, and what full text search needs: a table "<table>.words" that triggers keep.
//   INVALID_ARGUMENT  a searched column has a name that SQLite's search keeps for itself: "rank"
status create_tables(sqlite_connection& in, std::span<const view_table_plan> tables);

// Only what full text search needs, from the rows that there are; nothing where nothing is
// searched.
status create_search(sqlite_connection& in, const view_table_plan& table);

// Takes it away, if it is there, whatever columns it was for.
status drop_search(sqlite_connection& in, const view_table_plan& table);

// An index of a table, by what a query asks of it.
struct index_plan {
  std::string name;  // "ix <table>: <columns>"
  std::string table;
  std::vector<std::string> columns;  // quoted where they must be, perhaps with DESC

  std::string create() const;  // the statement
  friend bool operator==(const index_plan&, const index_plan&) = default;
};

// What SQLite says of a view's queries, from a database in memory that has its tables.
struct checked_queries {
  std::vector<index_plan> indexes;  // that some query uses
  struct finding {
    const google::protobuf::MethodDescriptor* rpc;
    bool is_warning;   // it reads a whole table: no index can help, or none was found
    std::string text;  // ".view.query: line 1, column 8: ..."
  };
  std::vector<finding> findings;
};

// Prepares every query with all that a query at run time may do and no more, finds indexes by
// comparisons, joins and ORDER BY, and keeps those that EXPLAIN QUERY PLAN shows in use. Types of
// results are looked at where SQLite knows them.
checked_queries check_queries(const view_plan& view);

}  // namespace perdure::views
