#include <boost/test/unit_test.hpp>

#include "test/views/sqlite_asking.hpp"
#include "views/packed_values.hpp"

using namespace perdure;
using namespace perdure::views;

BOOST_AUTO_TEST_SUITE(sqlite_functions)

BOOST_AUTO_TEST_CASE(full_text_search_works_while_restricted) {
  auto made = restricted();
  auto find =
      "SELECT name FROM a WHERE _id IN (SELECT rowid FROM \"a.words\" WHERE name MATCH "
      "perdure_words(?1)) ORDER BY _id";
  auto found = [&](const std::string& words) {
    auto values = all(made, find, {words});
    BOOST_REQUIRE_MESSAGE(values.ok(), words << ": " << to_string(values.error()));
    std::string text;
    for (auto& value : *values) text += std::get<std::string>(value) + ";";
    return text;
  };
  BOOST_TEST(found("fish") == "red fish;blue fish;");
  BOOST_TEST(found("FI") == "red fish;blue fish;");
  BOOST_TEST(found("fish re") == "red fish;");
  BOOST_TEST(found("fi red") == "");
  BOOST_TEST(found("fish, \"blue\"!") == "blue fish;");
  for (auto* none : {"", " ", "\"", "*", "-", "...", "\u2026", "\u2013 \u2014", "NOT", "\xff"}) {
    BOOST_TEST(found(none) == "", none);
  }
  BOOST_TEST(found("AND OR NOT NEAR(a b) ^x {name}: fish") == "");
  BOOST_TEST(found("fish \u2026") == found("fish"));
  BOOST_TEST(found(std::string("blue\0fish", 9)) == "blue fish;");
  // Its own columns, and what others write while it is open.
  BOOST_TEST((first(made, "SELECT count(*) FROM \"a.words\" WHERE name MATCH 'fish'") ==
              sql_value(std::int64_t{2})));
  BOOST_TEST(all(made, "SELECT rowid, rank FROM \"a.words\"('fish') ORDER BY rank").ok());
}

// Four million of them took SQLite longer than anybody waits, on a thread that serves others.
BOOST_AUTO_TEST_CASE(more_words_than_people_write_are_refused) {
  auto made = restricted();
  auto find =
      "SELECT name FROM a WHERE _id IN (SELECT rowid FROM \"a.words\" WHERE name MATCH "
      "perdure_words(?1))";
  auto found = [&](std::size_t count, const std::string& word) {
    std::string text;
    while (count-- > 0) text += word;
    return all(made, find, {text});
  };
  BOOST_TEST(found(100, "fish ").ok());
  BOOST_TEST(found(9'000, "x").ok());
  for (const auto& refused : {found(101, "fish "), found(10'002, "x"), found(1'000'000, "x y ")}) {
    BOOST_TEST((refused.error().code() == status_code::invalid_argument));
    BOOST_TEST(refused.error().message().find("at most 100 words") != std::string::npos,
               refused.error().message());
  }
}

BOOST_AUTO_TEST_CASE(packed_values_are_made_and_taken_apart_in_sql) {
  auto made = in_memory();
  auto blob = first(made, "SELECT perdure_tuple(1, 'a', NULL)");
  BOOST_TEST((*unpack(std::get<sql_blob>(blob).bytes) ==
              std::vector<sql_value>{one, "a", std::monostate{}}));
  BOOST_TEST((first(made, "SELECT perdure_tuple(NULL, NULL)") == sql_value()));
  BOOST_TEST((first(made, "SELECT perdure_at(perdure_tuple(1, 'a'), 1)") == sql_value("a")));
  BOOST_TEST((first(made, "SELECT perdure_at(perdure_tuple(1), 1)") == sql_value()));
  BOOST_TEST((first(made, "SELECT perdure_at(perdure_tuple(1), -1)") == sql_value()));
  BOOST_TEST((first(made, "SELECT perdure_at(NULL, 0)") == sql_value()));
  check_code(made, "SELECT perdure_at('x', 0)", status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_group_is_collected_without_nulls) {
  auto made = in_memory();
  auto collected = [&](const std::string& sql, std::size_t row = 0) {
    auto values = all(made, sql);
    BOOST_REQUIRE_MESSAGE(values.ok(), sql << ": " << to_string(values.error()));
    std::string text;
    auto list = unpack(std::get<sql_blob>(values->at(row)).bytes);
    BOOST_REQUIRE(list.ok());
    for (auto& value : *list) {
      text += std::to_string(std::get<std::int64_t>(value)) + ";";
    }
    return text;
  };
  std::string from = " FROM (VALUES (1), (NULL), (2), (1))";
  BOOST_TEST(collected("SELECT perdure_collect(column1)" + from) == "1;2;1;");
  BOOST_TEST(collected("SELECT perdure_collect(DISTINCT column1)" + from) == "1;2;");
  BOOST_TEST(collected("SELECT perdure_collect(column1)" + from + " WHERE column1 > 5") == "");
  auto moving = "SELECT perdure_collect(column1) OVER (ROWS 1 PRECEDING)" + from;
  BOOST_TEST(collected(moving, 0) == "1;");
  BOOST_TEST(collected(moving, 1) == "1;");
  BOOST_TEST(collected(moving, 2) == "2;");
  BOOST_TEST(collected(moving, 3) == "2;1;");
}

BOOST_AUTO_TEST_SUITE_END()
