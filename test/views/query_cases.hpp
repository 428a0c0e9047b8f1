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

}  // namespace perdure::views::testing
