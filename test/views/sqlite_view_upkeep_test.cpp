// Indexes and full text search of a view's file, made and dropped in place.

#include <boost/test/unit_test.hpp>

#include "test/views/view_file_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;

using fixture = view_file_fixture;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_view_upkeep, fixture)

BOOST_AUTO_TEST_CASE(indexes_come_and_go_with_the_queries) {
  auto indexes = [&] {
    texts names;
    auto file_of = views::sqlite_connection::open(path, views::sqlite_connection::access::read);
    BOOST_REQUIRE(file_of.ok());
    auto all = file_of->prepare(
        "SELECT tbl_name FROM sqlite_schema WHERE name LIKE 'ix %' ORDER BY tbl_name");
    BOOST_REQUIRE(all.ok());
    for (auto more = all->step(); more.ok() && *more; more = all->step()) {
      names.emplace_back(all->bytes(0));
    }
    return names;
  };
  auto ask = [&](const std::string& table, const std::string& where) {
    views::view_query query{plan.service->method(2), {}, false, false};
    query.plan.sql = "SELECT _key FROM " + table + " WHERE " + where;
    query.plan.tables = {table};
    plan.queries = {query};
    open();
  };
  ask("accounts", "balance = 5");
  BOOST_TEST(indexes().empty());  // rows come faster without
  BOOST_REQUIRE(file->set_complete() == status());
  BOOST_TEST((indexes() == texts{"accounts"}));
  ask("notes", "text = 'x'");
  BOOST_TEST((indexes() == texts{"notes"}));
}

BOOST_AUTO_TEST_CASE(full_text_search_is_made_and_dropped_in_place) {
  begin();
  Account row;
  row.set_texts("old words");
  BOOST_REQUIRE(file->put(0, "a", row) == status());
  commit();
  auto found = [&](const std::string& word) -> std::optional<std::int64_t> {
    auto reader = file->lend();
    BOOST_REQUIRE_MESSAGE(reader.ok(), reader.error());
    auto statement = reader->statement(
        "SELECT count(*) FROM \"accounts.words\" WHERE texts MATCH '" + word + "'");
    if (!statement.ok()) return std::nullopt;
    BOOST_REQUIRE((*statement)->step().ok());
    return (*statement)->integer(0);
  };
  BOOST_TEST(!found("old").has_value());
  plan.tables[0].searched = {"texts"};
  open();
  BOOST_TEST((found("old") == 1));
  begin();
  row.set_texts("new words");
  BOOST_REQUIRE(file->put(0, "a", row) == status());
  commit();
  BOOST_TEST((found("old") == 0));
  BOOST_TEST((found("new") == 1));
  plan.tables[0].searched.clear();
  open();
  BOOST_TEST(!found("new").has_value());
  begin();
  BOOST_REQUIRE(file->remove(0, "a") == status());
  commit();
}

BOOST_AUTO_TEST_SUITE_END()
