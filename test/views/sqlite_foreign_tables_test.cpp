#include "views/sqlite_foreign_tables.hpp"

#include <boost/test/unit_test.hpp>

#include "test/views/ad_hoc_fixture.hpp"

using namespace perdure;
using namespace perdure::views;

namespace {

struct fixture : ad_hoc_fixture {
  fixture() { tables.push_back(table); }

  std::shared_ptr<listed_table> table = std::make_shared<listed_table>(
      "entities",
      std::vector<foreign_column>{{"type", "TEXT", true},
                                  {"id", "TEXT", true},
                                  {"size", "INTEGER"},
                                  {"half", "REAL"},
                                  {"raw", "BLOB"}},
      std::vector<listed_table::row>{{"a", "1", std::int64_t{10}, 0.5, sql_blob{{"\0x", 2}}},
                                     {"a", "2", std::int64_t{20}, 1.5, std::monostate{}},
                                     {"b", "1", std::int64_t{30}, 2.5, std::monostate{}}});
};

std::string equal_to(const std::optional<sql_value>& value) {
  return value ? ad_hoc_fixture::text_of(*value) : "-";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_foreign_tables, fixture)

BOOST_AUTO_TEST_CASE(values_of_every_kind_arrive) {
  auto asked = ad_hoc_question::ask("SELECT * FROM entities", around());
  BOOST_REQUIRE(asked.ok());
  auto row = (*asked)->next();
  BOOST_REQUIRE(row.ok() && *row);
  BOOST_TEST((**row == listed_table::row{"a", "1", std::int64_t{10}, 0.5, sql_blob{{"\0x", 2}}}));
  row = (*asked)->next();
  BOOST_REQUIRE(row.ok() && *row);
  BOOST_TEST(((*row)->at(4) == sql_value{}));
}

BOOST_AUTO_TEST_CASE(it_is_told_what_is_equal_and_what_is_used) {
  BOOST_TEST(told("SELECT size FROM entities WHERE id = '1' AND type = 'a'") == texts{"10"},
             boost::test_tools::per_element());
  BOOST_TEST(equal_to(table->asked_last.equal[0]) == "a");
  BOOST_TEST(equal_to(table->asked_last.equal[1]) == "1");
  BOOST_TEST(table->asked_last.is_used == (std::vector<bool>{true, true, true, false, false}),
             boost::test_tools::per_element());
  // Of what is not sought nothing is told.
  told("SELECT type FROM entities WHERE size = 20");
  BOOST_TEST(equal_to(table->asked_last.equal[2]) == "-");
  // Nor where equal means something else.
  BOOST_TEST(told("SELECT id FROM entities WHERE type = 'A' COLLATE NOCASE").size() == 2u);
  BOOST_TEST(equal_to(table->asked_last.equal[0]) == "-");
  BOOST_TEST(told("SELECT id FROM entities WHERE type > 'a'").size() == 1u);
  BOOST_TEST(equal_to(table->asked_last.equal[0]) == "-");
}

BOOST_AUTO_TEST_CASE(a_join_seeks_row_by_row) {
  BOOST_TEST(told("WITH k(t) AS (VALUES ('b'), ('none')) SELECT size FROM k JOIN entities ON "
                  "type = t") == texts{"30"},
             boost::test_tools::per_element());
  BOOST_TEST(equal_to(table->asked_last.equal[0]) == "none");
  BOOST_TEST(told("SELECT size FROM entities WHERE type IN ('a', 'b')").size() == 3u);
}

BOOST_AUTO_TEST_CASE(rows_are_pulled_one_by_one) {
  told("SELECT id FROM entities LIMIT 1");
  BOOST_TEST(table->given == 1);
}

BOOST_AUTO_TEST_CASE(what_it_fails_with_is_what_the_question_fails_with) {
  table->fails_at_end = {status_code::data_loss, "shard 3 is damaged"};
  auto why = refused("SELECT count(*) FROM entities");
  BOOST_TEST((why.code() == status_code::data_loss));
  BOOST_TEST(why.message() == "shard 3 is damaged");
  table->fails_at_end = {};
  BOOST_TEST(told("SELECT count(*) FROM entities") == texts{"3"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
