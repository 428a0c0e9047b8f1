// When a view is built or opened: what only SQLite knows of its queries. Before: view_plan. What is
// found goes to people (the generator) and to the view's file, which makes the indexes.

#include <algorithm>
#include <optional>

#include "base/check.hpp"
#include "base/suggest.hpp"
#include "perdure/annotations.pb.h"
#include "views/sql_tokens.hpp"
#include "views/sqlite_authorizer.hpp"
#include "views/sqlite_index_candidates.hpp"
#include "views/sqlite_index_choice.hpp"
#include "views/sqlite_tables.hpp"
#include "views/value_kinds.hpp"

namespace perdure::views {
namespace {

using finding = checked_queries::finding;
using source = result_field::source;

result<sqlite_connection> empty_tables(const view_plan& view) {
  auto in = sqlite_connection::open(":memory:", sqlite_connection::access::write);
  if (!in) return in;
  if (auto made = create_tables(*in, view.tables); !made.ok()) return made;
  return in;
}

// All that may run when it is called. The first one is what is planned and advised on.
std::vector<std::string> statements_of(const query_plan& plan) {
  std::vector<std::string> all{plan.sql};
  if (plan.count_sql) all.push_back(*plan.count_sql);
  if (plan.limit_sql) all.push_back(*plan.limit_sql);
  if (plan.live) all.push_back(plan.live->sql);
  return all;
}

bool is_of_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '.' || c < 0;
}

// The word of SQLite's SQL in the user's, if it stands there once.
std::optional<std::size_t> place_of(std::string_view word, std::string_view in) {
  std::optional<std::size_t> found;
  for (auto at = in.find(word); at != std::string_view::npos; at = in.find(word, at + 1)) {
    bool is_part =
        is_of_word(word[0]) && ((at > 0 && is_of_word(in[at - 1])) ||
                                (at + word.size() < in.size() && is_of_word(in[at + word.size()])));
    if (is_part) continue;
    if (found) return std::nullopt;
    found = at;
  }
  return found;
}

std::string_view word_at(std::string_view sql, std::size_t at) {
  if (at >= sql.size()) return {};
  auto end = at;
  while (end < sql.size() && is_of_word(sql[end])) ++end;
  return sql.substr(at, std::max<std::size_t>(end - at, 1));
}

// ".view.query: line 1, column 8: no such column: carier"
std::string told(const view_query& query, std::string_view word, const std::string& problem) {
  std::string_view text = query.rpc->options().GetExtension(method).view().query().query();
  auto place = word.empty() ? std::nullopt : place_of(word, text);
  return ".view.query: " + (place ? place_in(text, *place) + ": " : "") + problem;
}

// Behind "no such function: lowr", which one may be meant.
std::string meant(std::string_view problem) {
  constexpr std::string_view unknown = "no such function: ";
  if (!problem.starts_with(unknown)) return "";
  auto known = permitted_functions();
  known.insert(known.end(), {"any", "collect", "has_more", "next_page_token", "page_token_offset",
                             "text_search", "total_count"});
  return did_you_mean(problem.substr(unknown.size()), known);
}

// --------------------------------------------------------------------------------------------
// types

void check_types(const view_query& query, const std::vector<result_field>& parts,
                 const sqlite_statement& statement, std::vector<finding>& into) {
  for (auto& part : parts) {
    if (part.from == source::fields) check_types(query, part.parts, statement, into);
    if (part.from == source::rows && part.parts.front().from == source::fields) {
      check_types(query, part.parts.front().parts, statement, into);
    }
    if (part.from != source::value || !part.field) continue;
    auto column = static_cast<int>(part.column);
    auto declared = statement.declared_type(column);
    auto from = declared ? kind_of_declared(*declared) : std::nullopt;
    if (!from || may_fit(*from, type_of(*part.field))) continue;
    auto name = statement.column_name(column);
    into.push_back(
        {query.rpc, false,
         told(query, name,
              "the column \"" + name + "\" is " + *declared + ", which does not go into \"" +
                  part.field->full_name() + "\": " + described(*part.field))});
  }
}

// ------------------------------------------------------------------------------------ whole tables

// A page of rows in the order of an index ends where the page does, if nothing else is asked of
// them.
bool ends_early(const view_query& query, const read_ways& ways) {
  bool is_limited = count_of(query.plan.sql, "limit") > 0 && ways.sorts == 0;
  return is_limited && count_of(query.plan.sql, "where") == (query.plan.pages ? 1 : 0);
}

void check_wholes(const view_query& query, const view_plan& view, sqlite_connection& in,
                  std::vector<finding>& into) {
  if (query.may_scan) return;
  auto& sql = query.plan.sql;
  auto ways = ways_of(in, sql, table_names_in(sql, view.tables));
  std::vector<std::string> told_of;
  for (auto& whole : ways.wholes) {
    if (whole.is_in_order && ends_early(query, ways)) continue;
    if (std::find(told_of.begin(), told_of.end(), whole.table) != told_of.end()) continue;
    told_of.push_back(whole.table);
    into.push_back({query.rpc, true,
                    ".view.query: reads all rows of \"" + whole.table +
                        "\". Indexes are made for columns that stand alone beside =, IN, <, > or "
                        "BETWEEN, or in ORDER BY with LIMIT; if reading them all is what is meant, "
                        "write may_scan: true"});
  }
}

void check_query(const view_query& query, sqlite_connection& restricted,
                 std::vector<finding>& into) {
  for (auto& sql : statements_of(query.plan)) {
    auto statement = restricted.prepare(sql);
    if (!statement) {
      auto at = restricted.error_at();
      auto word = at ? word_at(sql, *at) : std::string_view();
      auto& why = statement.error().message();
      into.push_back({query.rpc, false, told(query, word, why + meant(why))});
      return;  // the others are made of the same words
    }
    if (sql == query.plan.sql) check_types(query, query.plan.results, *statement, into);
  }
}

}  // namespace

checked_queries check_queries(const view_plan& view) {
  checked_queries checked;
  auto restricted = empty_tables(view), open = empty_tables(view);
  if (!restricted || !open) {
    auto& why = restricted ? open.error() : restricted.error();
    auto* rpc = view.queries.empty() ? nullptr : view.queries.front().rpc;
    checked.findings.push_back({rpc, false, "the tables cannot be made: " + why.message()});
    return checked;
  }
  restricted->restrict_to([&](std::string_view table, std::string_view) {
    return std::any_of(view.tables.begin(), view.tables.end(),
                       [&](const view_table_plan& known) { return known.schema.name == table; });
  });
  std::vector<std::string> advised_on;
  for (auto& query : view.queries) {
    check_query(query, *restricted, checked.findings);
    advised_on.push_back(query.plan.sql);
    if (query.plan.count_sql) advised_on.push_back(*query.plan.count_sql);
  }
  checked.indexes = choose_indexes(*open, advised_on, view.tables);
  for (auto& query : view.queries) check_wholes(query, view, *open, checked.findings);
  return checked;
}

}  // namespace perdure::views
