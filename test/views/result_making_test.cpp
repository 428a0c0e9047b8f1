#include "views/result_making.hpp"

#include <google/protobuf/text_format.h>

#include <boost/test/unit_test.hpp>

#include "answers.pb.h"
#include "test/views/sqlite_asking.hpp"
#include "views/row_values.hpp"
#include "views/sqlite_tables.hpp"

using namespace perdure;
using namespace perdure::views;
using google::protobuf::Message;
using google::protobuf::TextFormat;

namespace {

const std::vector<table_schema>& tables() {
  static const std::vector<table_schema> all{
      schema_of("paintings", *gallery::Painting::descriptor()),
      schema_of("painters", *gallery::Painter::descriptor())};
  return all;
}

template <class Row>
void put(perdure::views::sqlite_connection& in, const table_schema& table, const std::string& key,
         const std::string& text) {
  Row row;
  BOOST_REQUIRE(TextFormat::ParseFromString(text, &row));
  std::string names, marks;
  std::vector<sql_value> values;
  for (auto& column : table.columns) {
    names += ", " + views::quoted(column.name);
    marks += ", ?";
    values.push_back(value_of(row, column));
  }
  values.push_back(key);
  values.push_back(sql_blob{row.SerializeAsString()});
  auto done = all(in,
                  "INSERT INTO " + views::quoted(table.name) + " (" + names.substr(2) +
                      ", _key, _row) VALUES (" + marks.substr(2) + ", ?, ?)",
                  values);
  BOOST_REQUIRE_MESSAGE(done.ok(), to_string(done.error()));
}

perdure::views::sqlite_connection filled_gallery() {
  auto in = in_memory();
  std::vector<view_table_plan> plans;
  for (auto& schema : tables()) plans.push_back({schema, {}});
  BOOST_REQUIRE(create_tables(in, plans).ok());
  put<gallery::Painting>(in, tables()[0], "1", R"(title: "Woman" year: 1901 painter_id: "p"
      home { city: "Riga" country: "LV" } tags: "a" tags: "b" exhibits { hall: "x" day: 2 })");
  put<gallery::Painting>(in, tables()[0], "2", R"(title: "Bridge" year: 1905 painter_id: "q"
      style: FAUVISM)");
  put<gallery::Painter>(in, tables()[1], "p", R"(name: "Pablo" city: "Paris")");
  return in;
}

query_plan planned(std::string_view query, const Message& response, bool streams = true) {
  auto made =
      plan_query(query, tables(), *answers::Find::descriptor(), *response.GetDescriptor(), streams);
  for (auto& problem : made.problems) BOOST_TEST(false, query << ": " << problem.text);
  return std::move(made.plan);
}

// A line a row; or why not.
template <class Response>
std::string each(std::string_view query) {
  auto in = filled_gallery();
  auto plan = planned(query, Response());
  auto statement = in.prepare(plan.sql);
  BOOST_REQUIRE_MESSAGE(statement.ok(), plan.sql << ": " << to_string(statement.error()));
  std::string lines;
  while (*statement->step()) {
    auto encoded = encode_row(plan, Response(), *statement);
    if (!encoded) return to_string(encoded.error());
    Response answer;
    BOOST_REQUIRE(answer.ParseFromString(*encoded));
    lines += answer.ShortDebugString() + "\n";
  }
  return lines;
}

std::string together(std::string_view query, const result_surroundings& beside = {}) {
  auto in = filled_gallery();
  auto plan = planned(query, answers::FoundMany(), false);
  BOOST_TEST(plan.answers_many);
  auto statement = in.prepare(plan.sql);
  BOOST_REQUIRE_MESSAGE(statement.ok(), plan.sql << ": " << to_string(statement.error()));
  many_rows rows(plan, answers::FoundMany());
  while (*statement->step()) {
    auto before = rows.bytes();
    if (auto added = rows.add(*statement); !added.ok()) return to_string(added);
    BOOST_TEST(rows.bytes() > before);
  }
  auto encoded = std::move(rows).encode(beside);
  if (!encoded) return to_string(encoded.error());
  answers::FoundMany answer;
  BOOST_REQUIRE(answer.ParseFromString(*encoded));
  return answer.ShortDebugString();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(result_making)

BOOST_AUTO_TEST_CASE(a_parameter_is_the_value_of_its_field) {
  auto plan = planned(
      "SELECT title FROM paintings WHERE title = :title AND home.city = :city LIMIT :page.size",
      answers::Found());
  answers::Find request;
  request.set_title("t");
  request.set_city("c");
  request.mutable_page()->set_size(3);
  auto values = parameters_of(plan, request);
  BOOST_REQUIRE(values.ok());
  BOOST_TEST((*values == std::vector<sql_value>{"t", "c", std::int64_t{3}}));
}

BOOST_AUTO_TEST_CASE(a_parameter_that_is_missing_is_named) {
  auto plan = planned("SELECT title FROM paintings WHERE home.city = :city LIMIT :page.size",
                      answers::Found());
  answers::Find request;
  auto missing = parameters_of(plan, request).error();
  BOOST_TEST((missing.code() == status_code::invalid_argument));
  BOOST_TEST(missing.message() == "the request has no \"city\", which the query needs");
  request.set_city("");
  BOOST_TEST(parameters_of(plan, request).error().message() ==
             "the request has no \"page.size\", which the query needs");
}

BOOST_AUTO_TEST_CASE(a_list_of_the_request_is_json) {
  auto plan = planned("SELECT title FROM paintings WHERE title = ANY(:titles)", answers::Found());
  answers::Find request;
  BOOST_TEST((parameters_of(plan, request)->front() == sql_value("[]")));
  request.add_titles("a");
  BOOST_TEST((parameters_of(plan, request)->front() == sql_value("[\"a\"]")));
  request.set_titles(0, "\\u0000");
  BOOST_TEST(parameters_of(plan, request).ok());
  request.add_titles(std::string("a\0b", 3));
  BOOST_TEST(parameters_of(plan, request).error().message() ==
             "a text in \"titles\" holds the character U+0000, which a text in a list must not");
}

BOOST_AUTO_TEST_CASE(columns_become_fields) {
  BOOST_TEST(each<answers::Found>("SELECT title, year, style FROM paintings ORDER BY year") ==
             "title: \"Woman\" year: 1901\ntitle: \"Bridge\" year: 1905 style: FAUVISM\n");
  BOOST_TEST(each<answers::Found>("SELECT tags, exhibits FROM paintings WHERE year = 1901") ==
             "tags: \"a\" tags: \"b\" exhibits { hall: \"x\" day: 2 }\n");
}

BOOST_AUTO_TEST_CASE(a_row_is_answered_as_it_is_stored) {
  auto in = filled_gallery();
  // Fields that this process does not know stay.
  run(in, "UPDATE paintings SET _row = x'c23e0161'");
  auto plan = planned("SELECT * FROM paintings", gallery::Painting());
  auto statement = in.prepare(plan.sql);
  BOOST_REQUIRE(statement.ok());
  BOOST_REQUIRE(*statement->step());
  BOOST_TEST(*encode_row(plan, gallery::Painting(), *statement) == "\xc2\x3e\x01\x61");
}

BOOST_AUTO_TEST_CASE(rows_and_tuples_become_messages_in_fields) {
  auto query =
      "SELECT title, p.* AS painter, (home.city, home.country) AS place FROM paintings "
      "LEFT JOIN painters p ON p._key = painter_id ORDER BY year";
  BOOST_TEST(each<answers::Found>(query) ==
             "title: \"Woman\" painter { name: \"Pablo\" city: \"Paris\" } place { city: \"Riga\" "
             "country: \"LV\" }\ntitle: \"Bridge\"\n");
  BOOST_TEST(
      each<answers::Found>("SELECT paintings.* AS painting FROM paintings WHERE year = 1905") ==
      "painting { title: \"Bridge\" year: 1905 style: FAUVISM painter_id: \"q\" }\n");
}

BOOST_AUTO_TEST_CASE(groups_are_collected_in_repeated_fields) {
  BOOST_TEST(each<answers::Found>("SELECT collect(title) AS tags FROM paintings GROUP BY 1 = 1") ==
             "tags: \"Woman\" tags: \"Bridge\"\n");
  BOOST_TEST(each<answers::Found>("SELECT collect(paintings.*) AS paintings FROM paintings WHERE "
                                  "year = 1905 GROUP BY year") ==
             "paintings { title: \"Bridge\" year: 1905 style: FAUVISM painter_id: \"q\" }\n");
  BOOST_TEST(each<answers::Found>("SELECT collect((title AS hall, year AS day)) AS exhibits FROM "
                                  "paintings GROUP BY 1 = 1") ==
             "exhibits { hall: \"Woman\" day: 1901 } exhibits { hall: \"Bridge\" day: 1905 }\n");
}

BOOST_AUTO_TEST_CASE(all_rows_stand_in_one_message) {
  auto woman =
      "title: \"Woman\" year: 1901 home { city: \"Riga\" country: \"LV\" } tags: \"a\" tags: "
      "\"b\" exhibits { hall: \"x\" day: 2 } painter_id: \"p\"";
  auto bridge = "title: \"Bridge\" year: 1905 style: FAUVISM painter_id: \"q\"";
  BOOST_TEST(together("SELECT * AS paintings FROM paintings ORDER BY year") ==
             std::string("paintings { ") + woman + " } paintings { " + bridge + " }");
  BOOST_TEST(
      together(
          "SELECT (title, year, (home.city AS city) AS place) AS found FROM paintings ORDER BY "
          "year") ==
      "found { title: \"Woman\" year: 1901 place { city: \"Riga\" } } found { title: "
      "\"Bridge\" year: 1905 }");
  BOOST_TEST(together("SELECT title AS titles FROM paintings ORDER BY year") ==
             "titles: \"Woman\" titles: \"Bridge\"");
  BOOST_TEST(together("SELECT * AS paintings FROM paintings WHERE year = 1") == "");
}

BOOST_AUTO_TEST_CASE(what_is_known_beside_the_rows_is_answered_where_it_is_asked) {
  auto query =
      "SELECT title AS titles, total_count() AS total, has_more() AS behind.has_more, title "
      "AS oldest FROM paintings ORDER BY year LIMIT 5";
  BOOST_TEST(together(query, {7, true, "t"}) ==
             "titles: \"Woman\" titles: \"Bridge\" total: 7 behind { has_more: true } oldest: "
             "\"Woman\"");
  auto pages =
      "SELECT * AS paintings, next_page_token() AS behind.token FROM paintings WHERE year = 1 "
      "LIMIT 5 OFFSET page_token_offset(:page.token)";
  BOOST_TEST(together(pages, {7, true, "t"}) == "behind { token: \"t\" }");
}

BOOST_AUTO_TEST_CASE(a_result_that_does_not_fit_its_field_is_internal_and_named) {
  BOOST_TEST(each<answers::Found>("SELECT year * 1.5 AS year FROM paintings") ==
             "INTERNAL: a result of the query does not fit the response: \"year\" takes an integer "
             "from -2147483648 to 2147483647, not the real 2851.500000");
  BOOST_TEST(
      together("SELECT (title || 'x' AS style) AS found FROM paintings").find("INTERNAL: ") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
