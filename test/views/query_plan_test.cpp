// Queries of users, what they become, and what is wrong with them: queries/*.txt.

#include "views/query_plan.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "test/views/query_cases.hpp"
#include "views/sql_tokens.hpp"

using namespace perdure::views;
using namespace perdure::views::testing;

namespace {

void check(sqlite_connection& database, const std::string& sql) {
  auto prepared = database.prepare(sql);
  BOOST_TEST(prepared.ok(), sql << ": " << perdure::to_string(prepared.error()));
}

// That SQLite takes all SQL of a plan.
void check(sqlite_connection& database, const query_plan& plan) {
  check(database, plan.sql);
  if (plan.limit_sql) check(database, *plan.limit_sql);
  if (plan.count_sql) check(database, *plan.count_sql);
  if (plan.live) check(database, plan.live->sql);
}

void check_file(const std::string& file) {
  auto database = gallery_database();
  auto cases = cases_in(file);
  BOOST_TEST(!cases.empty());
  for (const auto& c : cases) {
    auto made = planned(c.query, c.response, c.streams);
    auto came = told(made, c.query, file == "live");
    BOOST_TEST(came == c.told, c.query << "\nexpected\n" << c.told << "came\n" << came);
    if (made.problems.empty()) check(database, made.plan);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(query_plan)

BOOST_AUTO_TEST_CASE(names_of_columns_are_looked_up_and_rewritten) { check_file("names"); }
BOOST_AUTO_TEST_CASE(parameters_are_fields_of_the_request) { check_file("parameters"); }
BOOST_AUTO_TEST_CASE(lists_and_words_are_searched) { check_file("lists"); }
BOOST_AUTO_TEST_CASE(only_what_is_alike_is_compared) { check_file("comparisons"); }
BOOST_AUTO_TEST_CASE(results_go_into_fields_of_the_response) { check_file("results"); }
BOOST_AUTO_TEST_CASE(lists_are_collected) { check_file("collect"); }
BOOST_AUTO_TEST_CASE(what_is_about_all_rows_is_asked_beside_them) { check_file("limits"); }
BOOST_AUTO_TEST_CASE(pages_begin_behind_a_place) { check_file("pages"); }
BOOST_AUTO_TEST_CASE(keys_tell_rows_apart) { check_file("keys"); }
BOOST_AUTO_TEST_CASE(a_row_can_be_asked_alone) { check_file("live"); }
BOOST_AUTO_TEST_CASE(what_is_no_query_is_refused) { check_file("refused"); }

BOOST_AUTO_TEST_CASE(the_tables_that_are_read_are_told) {
  auto tables = [](const std::string& query) { return planned(query).plan.tables; };
  std::vector<std::string> both{"paintings", "painters"}, one{"paintings"};
  BOOST_TEST(tables("SELECT title FROM paintings p JOIN Painters a ON true") == both);
  BOOST_TEST(tables("SELECT title FROM paintings WHERE EXISTS (SELECT 1 FROM paintings)") == one);
}

// Whatever a user writes: no crash, and never a second statement.
BOOST_AUTO_TEST_CASE(damaged_queries_are_refused_or_planned_as_one_statement) {
  std::mt19937 random(20);
  std::vector<query_case> all;
  for (auto file :
       {"names", "lists", "results", "collect", "limits", "pages", "keys", "live", "refused"}) {
    for (auto& c : cases_in(file)) all.push_back(std::move(c));
  }
  auto any = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  const std::string_view pieces[] = {"(",
                                     ")",
                                     ",",
                                     ";",
                                     "'",
                                     "\"",
                                     " AS ",
                                     ".",
                                     "*",
                                     " SELECT ",
                                     " FROM ",
                                     " UNION ",
                                     " WITH ",
                                     " VALUES ",
                                     "collect(",
                                     " ANY(",
                                     ":tags",
                                     " ORDER BY ",
                                     " LIMIT ",
                                     " OVER ",
                                     "--",
                                     "/*",
                                     "page_token_offset(",
                                     " IN ",
                                     "x'",
                                     " GROUP BY ",
                                     "1",
                                     "text_search(",
                                     " NULLS ",
                                     " COLLATE ",
                                     " DESC ",
                                     "[",
                                     "\x80"};
  std::size_t planned_well = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto& from = all[any(all.size())];
    auto query = from.query;
    for (auto edits = 1 + any(4); edits > 0; --edits) {
      auto at = any(query.size() + 1);
      auto tokens = read_tokens(query).tokens;
      switch (any(4)) {
        case 0:
          query.insert(at, pieces[any(std::size(pieces))]);
          break;
        case 1:
          query.erase(at, any(8));
          break;
        case 2:
          query.insert(at, all[any(all.size())].query.substr(0, any(20)));
          break;
        default:
          if (tokens.empty()) break;
          query.erase(tokens[any(tokens.size())].at, 1 + any(6));
      }
    }
    auto made = planned(query, from.response, from.streams);
    if (!made.problems.empty()) {
      for (const auto& problem : made.problems) BOOST_TEST(problem.at <= query.size());
      continue;
    }
    ++planned_well;
    auto again = read_tokens(made.plan.sql);
    for (const auto& token : again.tokens) BOOST_TEST(token.text != ";", query);
    BOOST_TEST(!made.plan.sql.empty(), query);
  }
  BOOST_TEST(planned_well > 100u);
}

BOOST_AUTO_TEST_SUITE_END()
