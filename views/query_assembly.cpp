// The SQL of a query from its rewritten pieces. Before: query_keys.cpp. With pages:
// query_paging.cpp.

#include <algorithm>

#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

bool is_alike(const result_field& a, const result_field& b) {
  return a.from == b.from && a.field == b.field && a.column == b.column &&
         std::ranges::equal(a.parts, b.parts, is_alike);
}

// The SELECTs and what joins them, without ORDER BY and LIMIT.
std::string selects_of(query_reading& q, const made_results& first,
                       const std::vector<std::string>& columns) {
  std::string made = select_of(q, q.first(), columns);
  for (std::size_t i = 1; i < q.shape.outermost.size(); ++i) {
    const auto& core = q.shape.cores[q.shape.outermost[i]];
    const auto& before = q.shape.cores[q.shape.outermost[i - 1]];
    auto other = results_of(q, core);
    if (!std::ranges::equal(first.fields, other.fields, is_alike)) {
      q.problem(core.all.begin,
                "this SELECT has other results than the first one; all must give "
                "the same fields in the same order");
    }
    made += " " + q.sql({before.all.end, core.all.begin}) + " " + select_of(q, core, other.columns);
  }
  return made;
}

bool counts_rows_alone(const query_reading& q) {
  return !q.is_compound() && !q.first().distinct && q.first()[clause::group_by].empty() &&
         q.first()[clause::having].empty() && !has_aggregate(q);
}

// A row more than LIMIT, to see whether it is there, when something asks for it.
void look_behind(query_reading& q, const made_results& results, const limits_of_query& limits) {
  if (!results.looks_behind) return;
  if (limits.limit.empty()) {
    return q.problem(
        q.text.size(),
        "has_more() and next_page_token() need LIMIT; write LIMIT and how many rows at most");
  }
  q.made.plan.looks_behind_limit = true;
  q.made.plan.limit_sql = with_of(q) + "SELECT " + q.sql(limits.limit);
}

}  // namespace

std::string joined(const std::vector<std::string>& texts) {
  std::string made;
  for (const auto& text : texts) made += (made.empty() ? "" : ", ") + text;
  return made;
}

std::string with_of(const query_reading& q) {
  auto with = q.sql({0, q.shape.outermost_begins});
  return with.empty() ? with : with + " ";
}

std::string select_of(const query_reading& q, const select_core& core,
                      const std::vector<std::string>& columns) {
  auto end = core.all.end;
  if (!core[clause::limit].empty()) end = core[clause::limit].begin - 1;
  if (!core[clause::order_by].empty()) end = core[clause::order_by].begin - 2;
  auto rest = q.sql({core[clause::items].end, end});
  return std::string("SELECT ") + (core.distinct ? "DISTINCT " : "") + joined(columns) +
         (rest.empty() ? "" : " " + rest);
}

limits_of_query limits_of(query_reading& q) {
  limits_of_query made;
  auto all = q.last()[clause::limit];
  auto parts = q.shape.split(all);
  if (parts.empty()) return made;
  made.limit = parts[0];
  if (parts.size() > 1) {  // LIMIT 20, 10 begins at 20
    made.offset = parts[0];
    made.limit = parts[1];
  }
  bool has_offset = parts.size() > 1;
  for (auto i = made.limit.begin; i < made.limit.end; ++i) {
    if (!q.shape.is(i, "offset")) continue;
    made.offset = {i + 1, made.limit.end};
    made.limit.end = i;
    has_offset = true;
  }
  if (made.limit.empty()) q.problem(all.begin, "LIMIT takes how many rows at most");
  if (has_offset && made.offset.empty()) {
    q.problem(all.begin, "OFFSET takes how many rows to leave out");
  }
  if (!q.is_call(made.offset, "page_token_offset")) return made;
  q.placed.insert(made.offset.begin);
  auto token = made.offset.begin + 2;
  bool is_field = made.offset.size() == 4 && q.bound.contains(token);
  bool is_string =
      is_field && type_of(*q.made.plan.parameters[q.bound[token]].path.back()) == column_type::text;
  if (!is_string) {
    q.problem(made.offset.begin,
              "page_token_offset takes a field of the request that is a string: "
              "page_token_offset(:page_token)");
  }
  made.page_token = token;
  return made;
}

std::string limit_and_one(const query_reading& q, token_range limit) {
  auto sql = q.sql(limit);
  if (limit.size() == 1 && q.shape.tokens[limit.begin].kind == token_kind::number)
    return sql + " + 1";
  // Less than zero is no limit; the largest number there is has none after it.
  return "iif((" + sql + ") < 0, -1, min((" + sql + "), 9223372036854775806) + 1)";
}

void assemble(query_reading& q, made_results results) {
  auto& plan = q.made.plan;
  auto limits = limits_of(q);
  auto keys = keys_of(q);
  plan.results = results.fields;
  plan.answers_many = results.is_about_all;
  plan.key_columns = keys;
  if (results.counts) {
    auto columns = counts_rows_alone(q) ? std::vector<std::string>{"1"} : results.columns;
    plan.count_sql = with_of(q) + "SELECT count(*) FROM (" + selects_of(q, results, columns) + ")";
  }
  look_behind(q, results, limits);
  bool has_pages = results.token_item != none || limits.page_token != none;
  if (has_pages) return assemble_pages(q, results, limits, keys);
  auto columns = results.columns;
  plan.first_key_column = columns.size();
  columns.insert(columns.end(), keys.begin(), keys.end());
  plan.sql = with_of(q) + selects_of(q, results, columns);
  auto order = q.last()[clause::order_by];
  if (!order.empty()) plan.sql += " ORDER BY " + q.sql(order);
  if (!limits.limit.empty()) {
    plan.sql +=
        " LIMIT " + (results.looks_behind ? limit_and_one(q, limits.limit) : q.sql(limits.limit));
  }
  if (!limits.offset.empty()) plan.sql += " OFFSET " + q.sql(limits.offset);
  plan.live = live_plan_of(q, columns);
}

}  // namespace perdure::views
