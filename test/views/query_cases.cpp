#include "test/views/query_cases.hpp"

#include <google/protobuf/descriptor.h>

#include <boost/test/unit_test.hpp>

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

}  // namespace perdure::views::testing
