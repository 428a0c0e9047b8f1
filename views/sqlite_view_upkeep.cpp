// Indexes and full text search of a view's file are made and dropped in place: a query that changes
// needs no other rows.

#include <algorithm>
#include <set>

#include "views/sql_words.hpp"
#include "views/sqlite_tables.hpp"
#include "views/sqlite_view_parts.hpp"

namespace perdure::views {

status bring_indexes(sqlite_connection& in, const view_plan& plan) {
  auto wanted = check_queries(plan).indexes;
  std::set<std::string> there;
  auto known =
      in.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'ix %'");
  if (!known) return known.error();
  auto more = known->step();
  for (; more.ok() && *more; more = known->step()) there.emplace(known->bytes(0));
  if (!more) return more.error();
  *known = {};
  for (const auto& index : wanted) {
    if (there.erase(index.name) > 0) continue;
    if (auto s = in.run(index.create()); !s.ok()) return s;
  }
  for (const auto& name : there) {
    if (auto s = in.run("DROP INDEX " + quoted(name)); !s.ok()) return s;
  }
  return {};
}

namespace {

// Of its full text search as it is.
result<std::vector<std::string>> searched_now(sqlite_connection& in, const std::string& table) {
  auto columns = in.prepare("SELECT name FROM pragma_table_info(?1)");
  if (!columns) return columns.error();
  auto words = table + ".words";
  columns->bind_text(1, words);
  std::vector<std::string> names;
  auto more = columns->step();
  for (; more.ok() && *more; more = columns->step()) names.emplace_back(columns->bytes(0));
  if (!more) return more.error();
  return names;
}

}  // namespace

status bring_words(sqlite_connection& in, const view_plan& plan) {
  if (auto s = in.run("BEGIN IMMEDIATE"); !s.ok()) return s;
  for (const auto& table : plan.tables) {
    auto now = searched_now(in, table.schema.name);
    if (!now) return now.error();
    if (*now == table.searched) continue;
    if (auto s = drop_search(in, table); !s.ok()) return s;
    if (auto s = create_search(in, table); !s.ok()) return s;
  }
  return in.run("COMMIT");
}

}  // namespace perdure::views
