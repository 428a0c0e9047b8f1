// From a query's text to its plan, in steps of which each has a file: query_scopes, query_names
// (with query_parameters and query_lists), query_comparisons, query_results, query_keys,
// query_assembly and query_paging.

#include "views/query_plan.hpp"

#include <algorithm>

#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

bool goes_on_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (c & 0x80) != 0 || c == '?';
}

// Our own functions that are left where they mean nothing.
void check_own_functions(query_reading& q) {
  for (std::size_t i = 0; i < q.shape.tokens.size(); ++i) {
    if (q.placed.contains(i) || !q.shape.is_name(i) || !q.shape.is(i + 1, "(")) continue;
    auto name = unquoted(q.shape.tokens[i].text);
    for (auto own : {"collect", "total_count", "has_more", "next_page_token"}) {
      if (same_word(name, own)) {
        q.problem(i, name +
                         "() is a result of the whole query: it stands alone in the outermost list "
                         "of results");
      }
    }
    if (same_word(name, "page_token_offset")) {
      q.problem(i, "page_token_offset stands alone behind OFFSET of the whole query");
    }
  }
}

void note_tables(query_reading& q) {
  auto& tables = q.made.plan.tables;
  for (const auto& core : q.shape.cores) {
    for (const auto& of : core.from) {
      if (of.table == nullptr) continue;
      if (std::ranges::find(tables, of.table->name) == tables.end())
        tables.push_back(of.table->name);
    }
  }
}

void plan_read(query_reading& q) {
  note_tables(q);
  rewrite_names(q);
  check_comparisons(q);
  auto results = results_of(q, q.first());
  renumber(q, results);
  assemble(q, std::move(results));
  check_own_functions(q);
}

}  // namespace

void query_reading::problem(std::size_t token, std::string what) {
  auto at = token < shape.tokens.size() ? shape.tokens[token].at : text.size();
  made.problems.push_back({at, std::move(what)});
}

std::string query_reading::written(token_range of) const {
  if (of.empty()) return "";
  const auto& end = shape.tokens[of.end - 1];
  auto begin = shape.tokens[of.begin].at;
  return std::string(text.substr(begin, end.at + end.text.size() - begin));
}

std::string query_reading::sql(token_range of) const { return sql(of, out); }

std::string query_reading::sql(token_range of, const std::vector<std::string>& texts) const {
  std::string joined;
  bool was_apart = false;
  for (auto i = of.begin; i < of.end; ++i) {
    if (i > of.begin) {
      const auto& before = shape.tokens[i - 1];
      was_apart |= before.at + before.text.size() != shape.tokens[i].at;
    }
    if (texts[i].empty()) continue;
    bool would_join = !joined.empty() && goes_on_word(joined.back()) && goes_on_word(texts[i][0]);
    if (!joined.empty() && (was_apart || would_join)) joined += ' ';
    joined += texts[i];
    was_apart = false;
  }
  return joined;
}

bool query_reading::is_call(token_range of, std::string_view function) const {
  return of.size() >= 3 && shape.is(of.begin, function) && shape.is(of.begin + 1, "(") &&
         shape.partner[of.begin + 1] == of.end - 1;
}

planned_query_text plan_query(std::string_view query, std::span<const table_schema> tables,
                              const google::protobuf::Descriptor& request,
                              const google::protobuf::Descriptor& response, bool streams) {
  auto read = shape_of(query, tables);
  query_reading q{query, tables, &request, &response, streams};
  q.shape = std::move(read.shape);
  q.made.problems = std::move(read.problems);
  if (q.made.problems.empty()) {
    for (const auto& token : q.shape.tokens) q.out.emplace_back(token.text);
    q.is_done.assign(q.out.size(), false);
    plan_read(q);
  }
  std::ranges::stable_sort(q.made.problems, {}, &query_problem::at);
  auto again = std::ranges::unique(q.made.problems, [](const auto& a, const auto& b) {
    return a.at == b.at && a.text == b.text;
  });
  q.made.problems.erase(again.begin(), again.end());
  return std::move(q.made);
}

}  // namespace perdure::views
