#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "views/sqlite_tables.hpp"

// Indexes that a query might use, guessed from its words: which columns stand beside comparisons,
// in ORDER BY and GROUP BY. Where SELECTs are nested it guesses too many; whether one is of use,
// SQLite says (sqlite_index_choice.hpp).

namespace perdure::views {

// None begins with _id or _key, which have theirs.
std::vector<index_plan> index_candidates(std::string_view sql,
                                         std::span<const view_table_plan> tables);

// What an SQL calls the tables: each name that may stand for one, in lower case, and the table.
std::map<std::string, std::string> table_names_in(std::string_view sql,
                                                  std::span<const view_table_plan> tables);

// How often a keyword stands in it.
int count_of(std::string_view sql, std::string_view keyword);

}  // namespace perdure::views
