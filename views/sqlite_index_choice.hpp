#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "views/sqlite_connection.hpp"
#include "views/sqlite_tables.hpp"

// Which indexes the queries of a view need, asked of SQLite itself.

namespace perdure::views {

// One query, as EXPLAIN QUERY PLAN has it.
struct read_ways {
  struct whole {
    std::string table;
    bool is_in_order;  // along an index, so that LIMIT ends it early
    friend bool operator==(const whole&, const whole&) = default;
  };
  std::vector<whole> wholes;      // tables of the view that are read from end to end
  int sorts = 0;                  // results that have to be collected before the first one is known
  std::set<std::string> indexes;  // of ours, that it uses
};

// `names`: what the query calls the tables (table_names_in()). Of an SQL that SQLite refuses:
// nothing.
read_ways ways_of(sqlite_connection& in, const std::string& sql,
                  const std::map<std::string, std::string>& names);

// Makes the indexes that some of the queries use, as few as do without reading more tables whole or
// sorting more. `in` has the tables, without rows, and no index of ours.
std::vector<index_plan> choose_indexes(sqlite_connection& in, std::span<const std::string> queries,
                                       std::span<const view_table_plan> tables);

}  // namespace perdure::views
