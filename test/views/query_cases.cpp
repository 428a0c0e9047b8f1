#include "test/views/query_cases.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "questions.pb.h"
#include "views/sql_words.hpp"

namespace perdure::views::testing {
namespace {

std::string told(const result_field& result) {
  using source = result_field::source;
  auto column = "=" + std::to_string(result.column);
  std::string name = result.field != nullptr ? result.field->name() : "";
  std::string parts = result.parts.empty() ? "" : testing::told(result.parts);
  switch (result.from) {
    case source::value:
      return name + column;
    case source::row:
      return name + (name.empty() ? "" : ":") + "row" + column;
    case source::fields:
      return name + "{" + parts + "}";
    case source::list:
      return name + column + "[" + parts + "]";
    case source::rows:
      return name + "*" + parts;
    case source::total_count:
      return name + "=total_count";
    case source::has_more:
      return name + "=has_more";
    case source::next_page_token:
      break;
  }
  return name + "=next_page_token";
}

}  // namespace

const std::vector<table_schema>& gallery_tables() {
  static const std::vector<table_schema> tables{
      schema_of("paintings", *gallery::Painting::descriptor()),
      schema_of("painters", *gallery::Painter::descriptor())};
  return tables;
}

sqlite_connection gallery_database() {
  auto opened = sqlite_connection::open(":memory:", sqlite_connection::access::write);
  BOOST_TEST_REQUIRE(opened.ok());
  for (const auto& table : gallery_tables()) {
    std::string columns, searched;
    for (const auto& c : table.columns) {
      columns += ", " + quoted(c.name) + " " + std::string(sql_type_of(c.type));
      if (c.type == column_type::text) searched += (searched.empty() ? "" : ", ") + quoted(c.name);
    }
    auto made = opened->run("CREATE TABLE " + quoted(table.name) +
                            " (_id INTEGER PRIMARY KEY, _key TEXT UNIQUE" + columns +
                            ", _row BLOB); CREATE VIRTUAL TABLE " + quoted(table.name + ".words") +
                            " USING fts5(" + searched + ");");
    BOOST_TEST_REQUIRE(made.ok(), to_string(made));
  }
  return std::move(*opened);
}

planned_query_text planned(const std::string& query, const std::string& response, bool streams) {
  const auto* file = gallery::Answer::descriptor()->file();
  const auto* message = file->pool()->FindMessageTypeByName("gallery." + response);
  BOOST_TEST_REQUIRE(message != nullptr);
  return plan_query(query, gallery_tables(), *gallery::Question::descriptor(), *message, streams);
}

std::string told(const std::vector<result_field>& results) {
  std::string made;
  for (const auto& result : results) made += (made.empty() ? "" : " ") + told(result);
  return made;
}

std::string told(const planned_query_text& planned, const std::string& query, bool with_live) {
  std::string made;
  for (const auto& problem : planned.problems) {
    auto marked = query;
    marked.insert(std::min(problem.at, query.size()), "^");
    made += "  ! " + marked + "\n  ! " + problem.text + "\n";
  }
  if (!made.empty()) return made;
  const auto& plan = planned.plan;
  made += "  sql    " + plan.sql + "\n  gives  " + told(plan.results) +
          (plan.answers_many ? ", one message" : "") + "\n";
  if (!plan.parameters.empty()) {
    made += "  takes ";
    for (const auto& parameter : plan.parameters) made += " " + parameter.name;
    made += "\n";
  }
  if (!plan.key_columns.empty()) {
    made += "  keys   " + std::to_string(plan.first_key_column) + ":";
    for (const auto& key : plan.key_columns) made += " " + key;
    made += "\n";
  }
  for (const auto& [table, column] : plan.searched)
    made += "  search " + table + " " + column + "\n";
  if (plan.looks_behind_limit) made += "  limit  " + plan.limit_sql.value_or("none") + "\n";
  if (plan.count_sql) made += "  count  " + *plan.count_sql + "\n";
  if (plan.pages) {
    made += "  pages  token " + plan.parameters.at(plan.pages->token_parameter).name + ", " +
            std::to_string(plan.pages->key_count) + " keys from " +
            std::to_string(plan.pages->first_key) + " to ?" +
            std::to_string(plan.pages->bound_from) + "\n";
  }
  if (with_live) {
    made += "  live   " + (plan.live ? plan.live->table + ": " + plan.live->sql : "no") + "\n";
  }
  if (with_live && plan.live && plan.live->picks) {
    const auto& [column, parameter] = *plan.live->picks;
    made += "  picks  " +
            (column ? gallery_tables()[0].columns[*column].name : std::string("_key")) + " = " +
            plan.parameters.at(parameter).name + "\n";
  }
  return made;
}

std::vector<query_case> cases_in(const std::string& file) {
  std::ifstream in(std::string(TEST_VIEWS_FOLDER) + "/queries/" + file + ".txt");
  BOOST_TEST_REQUIRE(in.good(), file);
  std::vector<query_case> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == ' ') {
      cases.back().told += line + "\n";
      continue;
    }
    query_case next;
    if (line.starts_with("stream ")) {
      next.streams = true;
      line.erase(0, 7);
    }
    for (std::string response : {"Painting", "Painter"}) {
      if (!line.starts_with(response + ": ")) continue;
      next.response = response;
      line.erase(0, response.size() + 2);
    }
    next.query = line;
    cases.push_back(next);
  }
  return cases;
}

}  // namespace perdure::views::testing
