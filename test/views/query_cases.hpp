#pragma once

#include <string>
#include <vector>

#include "views/query_plan.hpp"
#include "views/sqlite_connection.hpp"

// Queries over the gallery, planned, told in short, and tried on SQLite: for tests.

namespace perdure::views::testing {

// paintings (gallery.Painting) and painters (gallery.Painter).
const std::vector<table_schema>& gallery_tables();

// A database in memory with these tables.
sqlite_connection gallery_database();

// The request is gallery.Question; the response gallery.`response`.
planned_query_text planned(const std::string& query, const std::string& response = "Answer",
                           bool streams = false);

// "title=0 home{city=1} paintings*{row=2}": which field comes from which column.
std::string told(const std::vector<result_field>& results);

// All that is in a plan, or its problems, a line each.
std::string told(const planned_query_text& planned, const std::string& query, bool with_live);

// One of queries/*.txt: queries, each with what told() says of it behind it, indented. Before a
// query may stand the name of its response, "Painting:", and "stream".
struct query_case {
  std::string query;
  std::string response = "Answer";
  bool streams = false;
  std::string told;
};
std::vector<query_case> cases_in(const std::string& file);

}  // namespace perdure::views::testing
