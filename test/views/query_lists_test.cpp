// Comparisons with lists, on rows.

#include <boost/test/unit_test.hpp>

#include "test/views/query_cases.hpp"

using namespace perdure::views;
using namespace perdure::views::testing;

namespace {

sqlite_connection exhibited() {
  auto database = gallery_database();
  auto made = database.run(R"(
    INSERT INTO paintings(_key, title, year, "home.city", tags, exhibits) VALUES
      ('1', 'Guernica', 1937, 'Madrid', '["war","large"]', '[{"hall":"206","day":1},{"hall":"5","day":2}]'),
      ('2', 'Woman with a Hat', 1905, 'San Francisco', '[]', '[]'),
      ('3', 'The Weeping Woman', 1937, 'London', '["war"]', '[{"hall":"5","day":3}]');
    INSERT INTO "paintings.words"(rowid, title, "home.city") SELECT _id, title, "home.city" FROM paintings;)");
  BOOST_TEST_REQUIRE(made.ok(), perdure::to_string(made));
  return database;
}

// The keys of the rows that a condition holds for; its only parameter is `value`.
std::string rows(sqlite_connection& database, const std::string& condition,
                 const sql_value& value = {}) {
  auto made =
      planned("SELECT _key AS titles FROM paintings p WHERE " + condition + " ORDER BY _key");
  BOOST_TEST_REQUIRE(made.problems.empty(), condition << ": " << made.problems[0].text);
  auto statement = database.prepare(made.plan.sql);
  BOOST_TEST_REQUIRE(statement.ok(), perdure::to_string(statement.error()));
  if (statement->parameter_count() > 0) statement->bind(1, value);
  std::string keys;
  for (;;) {
    auto there = statement->step();
    BOOST_TEST_REQUIRE(there.ok(), perdure::to_string(there.error()));
    if (!*there) return keys;
    keys += std::get<std::string>(statement->column(0));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(query_lists)

BOOST_AUTO_TEST_CASE(a_value_is_found_in_a_repeated_column) {
  auto database = exhibited();
  BOOST_TEST(rows(database, ":title = ANY(tags)", std::string("war")) == "13");
  BOOST_TEST(rows(database, "NOT 'large' = ANY(p.tags)") == "23");
}

BOOST_AUTO_TEST_CASE(a_value_is_found_in_fields_of_a_repeated_message) {
  auto database = exhibited();
  BOOST_TEST(rows(database, "'5' = ANY(exhibits.hall)") == "13");
  BOOST_TEST(rows(database, ":year = ANY(p.exhibits.day)", std::int64_t{3}) == "3");
}

BOOST_AUTO_TEST_CASE(a_column_is_found_in_a_list_of_the_request) {
  auto database = exhibited();
  BOOST_TEST(rows(database, "year IN (:years)", std::string("[1905,1]")) == "2");
  BOOST_TEST(rows(database, "title = ANY(:tags)", std::string("[\"Guernica\"]")) == "1");
  BOOST_TEST(rows(database, "year NOT IN (:years)", std::string("[1905]")) == "13");
}

BOOST_AUTO_TEST_CASE(words_are_searched_in_their_column_only) {
  auto database = exhibited();
  BOOST_TEST(rows(database, "text_search(title, :title)", std::string("woman")) == "23");
  BOOST_TEST(rows(database, "text_search(title, :title)", std::string("woman wee")) == "3");
  BOOST_TEST(rows(database, "text_search(title, :title)", std::string("Madrid")) == "");
  BOOST_TEST(rows(database, "text_search(home.city, :title)", std::string("san")) == "2");
  BOOST_TEST(rows(database, "NOT text_search(title, :title)", std::string("woman")) == "1");
}

BOOST_AUTO_TEST_CASE(nothing_in_what_is_searched_is_syntax) {
  auto database = exhibited();
  for (auto words :
       {"", "  ", "\"", "woman OR guernica) OR (a", "title : woman", "*", "NOT", "'"}) {
    BOOST_TEST(rows(database, "text_search(title, :title)", std::string(words)).find('1') ==
                   std::string::npos,
               words);
  }
}

BOOST_AUTO_TEST_SUITE_END()
