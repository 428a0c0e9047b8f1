// Whether one row's change can be seen in the results by asking for that row alone.

#include "views/query_reading.hpp"

namespace perdure::views {
namespace {

bool is_row_by_row(const query_reading& q) {
  const auto& core = q.first();
  bool is_one_table = core.from.size() == 1 && core.from[0].what == from_item::kind::table;
  if (!is_one_table || q.is_compound() || core.distinct || q.shape.has_subquery()) return false;
  if (q.shape.outermost_begins > 0 || has_aggregate(q)) return false;
  for (auto c : {clause::group_by, clause::having, clause::window, clause::limit}) {
    if (!core[c].empty()) return false;
  }
  for (auto i = core.all.begin; i < core.all.end; ++i) {
    if (q.shape.is(i, "over")) return false;
  }
  return true;
}

}  // namespace

std::optional<live_plan> live_plan_of(const query_reading& q,
                                      const std::vector<std::string>& columns) {
  if (!is_row_by_row(q)) return std::nullopt;
  const auto& core = q.first();
  const auto& of = core.from[0];
  auto sql = "SELECT " + joined(columns) + " FROM " + q.sql(core[clause::from]) + " WHERE ";
  if (!core[clause::where].empty()) sql += "(" + q.sql(core[clause::where]) + ") AND ";
  sql += of.written + "._key = ?" + std::to_string(q.made.plan.parameters.size() + 1);
  return live_plan{of.table->name, sql};
}

}  // namespace perdure::views
