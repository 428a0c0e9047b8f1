// Whether one row's change can be seen in the results by asking for that row alone, and by whom.

#include <array>

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

// What WHERE wants all of, where that can be told for sure; else nothing.
std::vector<token_range> conditions_of(const query_reading& q, token_range where) {
  std::vector<token_range> parts{{where.begin, where.begin}};
  for (auto i = where.begin; i < where.end;
       i = q.shape.is(i, "(") ? q.shape.partner[i] + 1 : i + 1) {
    for (auto word : {"or", "between", "case"}) {
      if (q.shape.is(i, word)) return {};
    }
    if (q.shape.is(i, "and")) {
      parts.back().end = i;
      parts.push_back({i + 1, i + 1});
    }
  }
  parts.back().end = where.end;
  return parts;
}

// Equal in SQL exactly when they are equal as values.
bool is_exact(column_type type) {
  return type == column_type::integer || type == column_type::boolean ||
         type == column_type::text || type == column_type::enumeration ||
         type == column_type::timestamp;
}

// The parameter that this token is, if a column of the type is compared with it as values are.
std::optional<std::size_t> parameter_at(const query_reading& q, std::size_t token,
                                        column_type type) {
  auto bound = q.bound.find(token);
  if (bound == q.bound.end() || !is_exact(type)) return std::nullopt;
  const auto& field = *q.made.plan.parameters[bound->second].path.back();
  if (field.is_repeated() || type_of(field) != type) return std::nullopt;
  return bound->second;
}

// Of `name = :parameter`, and nothing else.
std::optional<live_plan::pick> pick_of(const query_reading& q, token_range condition,
                                       const table_schema& table) {
  auto last = condition.end - 1;
  for (auto [name_at, equals, parameter] :
       {std::array{condition.begin, last - 1, last},
        std::array{condition.begin + 2, condition.begin + 1, condition.begin}}) {
    auto name = q.names.find(name_at);
    bool is_equation =
        condition.size() >= 3 && (q.shape.is(equals, "=") || q.shape.is(equals, "=="));
    if (!is_equation || name == q.names.end()) continue;
    const auto& [at, found] = *name;
    auto end = name_at == condition.begin ? equals : condition.end;
    bool is_column = found.written.end == end && (found.is_key || found.is != nullptr);
    if (!is_column || !found.type()) continue;
    auto number = parameter_at(q, parameter, *found.type());
    if (!number) continue;
    if (found.is_key) return live_plan::pick{std::nullopt, *number};
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (&table.columns[i] == found.is) return live_plan::pick{i, *number};
    }
  }
  return std::nullopt;
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
  live_plan made{of.table->name, sql};
  for (auto condition : conditions_of(q, core[clause::where])) {
    if (!made.picks) made.picks = pick_of(q, condition, *of.table);
  }
  return made;
}

}  // namespace perdure::views
