#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "test/views/ad_hoc_fixture.hpp"

using namespace perdure;
using namespace perdure::views;

namespace {

using texts = std::vector<std::string>;

// Two views and a table from elsewhere.
struct two_views : ad_hoc_fixture {
  two_views() {
    add_view("gallery.api.Painters", {"painters", "friends"}, {"Braque", "Derain"});
    add_view("gallery.api.Museums", {"museums"}, {"MoMA"});
    tables.push_back(elsewhere);
  }

  std::shared_ptr<listed_table> elsewhere = std::make_shared<listed_table>(
      "entities", std::vector<foreign_column>{{"type", "TEXT", true}, {"id", "TEXT", true}},
      std::vector<listed_table::row>{{"painter", "Braque"}, {"museum", "MoMA"}});
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ad_hoc, two_views)

// ---------------------------------------------------------------------------------------- names

BOOST_AUTO_TEST_CASE(a_table_is_found_by_its_name_and_by_its_view) {
  for (auto sql :
       {"SELECT name FROM painters", "SELECT name FROM PAINTERS ORDER BY 1",
        "SELECT name FROM Painters.painters", "SELECT name FROM painters.\"painters\"",
        "SELECT name FROM \"gallery.api.Painters\".painters", "SELECT name FROM [friends]"}) {
    BOOST_TEST(told(sql) == (texts{"Braque", "Derain"}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(views_and_tables_from_elsewhere_are_joined) {
  BOOST_TEST(told("SELECT p.name || ' ' || m.name || ' ' || e.type FROM painters p, museums m "
                  "JOIN entities e ON e.id = p.name") == texts{"Braque MoMA painter"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_table_of_two_views_is_asked_for_with_its_view) {
  add_view("gallery.api.Others", {"painters"}, {"Dufy"});
  auto why = refused("SELECT name FROM painters");
  BOOST_TEST((why.code() == status_code::invalid_argument));
  BOOST_TEST(has(why.message(), "line 1, column 18"));
  BOOST_TEST(has(why.message(), "Painters.painters or Others.painters"));
  BOOST_TEST(told("SELECT name FROM Others.painters") == texts{"Dufy"},
             boost::test_tools::per_element());
  BOOST_TEST(told("SELECT count(*) FROM Others.painters o, Painters.painters") == texts{"2"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(services_of_one_simple_name_are_told_apart_by_their_full_names) {
  add_view("other.Museums", {"museums"}, {"Louvre"});
  BOOST_TEST(told("SELECT name FROM \"other.Museums\".museums") == texts{"Louvre"},
             boost::test_tools::per_element());
  BOOST_TEST(told("SELECT name FROM \"gallery.api.Museums\".museums") == texts{"MoMA"},
             boost::test_tools::per_element());
  check_code("SELECT name FROM Museums.museums", status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_table_of_a_view_goes_before_one_from_elsewhere_which_is_in_main) {
  add_view("gallery.api.Shadows", {"entities"}, {"shadow"});
  BOOST_TEST(told("SELECT name FROM entities") == texts{"shadow"},
             boost::test_tools::per_element());
  BOOST_TEST(told("SELECT id FROM main.entities") == (texts{"Braque", "MoMA"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_is_opened_only_where_its_view_is_named) {
  int asked = 0;
  views.push_back({"gallery.api.Slow", {"slow"}, [&] {
                     ++asked;
                     return result<std::shared_ptr<sqlite_view_file>>(
                         status(status_code::unavailable, "3 of 7 messages are read"));
                   }});
  told("SELECT name FROM painters");
  BOOST_TEST(asked == 0);
  auto why = refused("SELECT * FROM slow");
  BOOST_TEST((why.code() == status_code::unavailable));
  BOOST_TEST(has(why.message(), "gallery.api.Slow: 3 of 7"));
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_there_is_told_with_its_place_and_a_near_one) {
  auto why = refused("SELECT name\nFROM paintres");
  BOOST_TEST((why.code() == status_code::invalid_argument));
  BOOST_TEST(has(why.message(), "line 2, column 6: no such table: paintres"));
  BOOST_TEST(has(why.message(), "did you mean \"painters\"?"));
  why = refused("SELECT nme FROM painters");
  BOOST_TEST(has(why.message(), "line 1, column 8: no such column: nme"));
  why = refused("SELECT nme FRM painters");
  BOOST_TEST((why.code() == status_code::invalid_argument));
  BOOST_TEST(has(why.message(), "syntax error"));
}

BOOST_AUTO_TEST_CASE(more_views_than_sqlite_can_open_are_refused) {
  std::string sql = "SELECT 1 FROM painters";
  for (int i = 0; i < 10; ++i) {
    auto name = "t" + std::to_string(i);
    add_view("many.V" + std::to_string(i), {name}, {});
    sql += ", " + name;
  }
  check_code(sql, status_code::resource_exhausted);
}

// -------------------------------------------------------------------------------------- columns

BOOST_AUTO_TEST_CASE(columns_have_names_and_types) {
  auto asked =
      ad_hoc_question::ask("SELECT _key, born, 1 + 1 AS two, id FROM painters, entities", around());
  BOOST_REQUIRE(asked.ok());
  const auto& columns = (*asked)->columns();
  BOOST_REQUIRE_EQUAL(columns.size(), 4u);
  BOOST_TEST(columns[0].name == "_key");
  BOOST_TEST(columns[0].type == "TEXT");
  BOOST_TEST(columns[1].type == "INTEGER");
  BOOST_TEST(columns[2].name == "two");
  BOOST_TEST(columns[2].type == "");
  BOOST_TEST(columns[3].type == "TEXT");
}

BOOST_AUTO_TEST_CASE(what_is_of_the_file_is_shown_only_where_it_is_named) {
  auto names = [&](const std::string& sql) {
    auto asked = ad_hoc_question::ask(sql, around());
    BOOST_REQUIRE(asked.ok());
    texts all;
    for (const auto& column : (*asked)->columns()) all.push_back(column.name);
    auto row = (*asked)->next();
    BOOST_REQUIRE(row.ok() && *row);
    BOOST_TEST((*row)->size() == all.size());
    return all;
  };
  BOOST_TEST(names("SELECT * FROM painters") == (texts{"_key", "name", "city", "born"}),
             boost::test_tools::per_element());
  BOOST_TEST(names("SELECT *, _row FROM museums") ==
                 (texts{"_key", "name", "city", "born", "_row", "_row"}),
             boost::test_tools::per_element());
}

// ------------------------------------------------------------------------------------- refusals

BOOST_AUTO_TEST_CASE(nothing_but_reading_is_permitted) {
  for (auto sql : {"INSERT INTO painters (_key) VALUES ('x')",
                   "UPDATE painters SET name = ''",
                   "DELETE FROM Painters.painters",
                   "DELETE FROM entities",
                   "INSERT INTO entities VALUES ('a', 'b')",
                   "DROP TABLE painters",
                   "CREATE TABLE t (x)",
                   "CREATE TEMP TABLE t AS SELECT * FROM painters",
                   "CREATE TEMP VIEW t AS SELECT 1",
                   "CREATE VIRTUAL TABLE t USING fts5(x)",
                   "ATTACH '/etc/passwd' AS p",
                   "ATTACH ':memory:' AS p",
                   "DETACH Painters",
                   "PRAGMA query_only = OFF",
                   "PRAGMA Painters.journal_mode = DELETE",
                   "SELECT * FROM pragma_table_info('painters')",
                   "SELECT load_extension('x')",
                   "SELECT readfile('/etc/passwd')",
                   "SELECT writefile('/tmp/x', 'y')",
                   "SELECT fts3_tokenizer('x')",
                   "SELECT sqlite_version()",
                   "VACUUM INTO '/tmp/x'",
                   "BEGIN",
                   "COMMIT",
                   "SAVEPOINT s",
                   "ANALYZE",
                   "REINDEX",
                   "EXPLAIN DELETE FROM painters"}) {
    auto why = refused(sql);
    // What is no function of SQLite's at all is just not there.
    bool is_refused =
        why.code() == status_code::permission_denied ||
        (why.code() == status_code::invalid_argument && has(why.message(), "no such function"));
    BOOST_TEST(is_refused, sql << ": " << to_string(why));
  }
  BOOST_TEST(told("SELECT count(*) FROM painters") == texts{"2"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_view_keeps_beside_its_rows_is_not_shown) {
  for (auto sql :
       {"SELECT * FROM Painters.perdure_held", "SELECT count(*) FROM Painters.perdure_view",
        "SELECT 1 FROM painters, perdure_cursors",
        "SELECT name FROM painters WHERE EXISTS (SELECT 1 FROM perdure_held)",
        "SELECT sql FROM sqlite_schema", "SELECT count(*) FROM Painters.sqlite_master",
        "SELECT 1 FROM painters, sqlite_temp_schema",
        "WITH x AS (SELECT * FROM Painters.perdure_changes) SELECT * FROM x"}) {
    check_code(sql, status_code::permission_denied);
  }
}

BOOST_AUTO_TEST_CASE(one_statement_is_taken) {
  for (auto sql : {"SELECT 1; SELECT 2", "SELECT 1; DELETE FROM painters", "", " ", ";",
                   "-- nothing", "SELECT 'open", "SELECT ?1", "SELECT @x"}) {
    check_code(sql, status_code::invalid_argument);
  }
  BOOST_TEST(told("SELECT 1; -- that is all").size() == 1u);
}

// --------------------------------------------------------------------------------------- bounds

BOOST_AUTO_TEST_CASE(what_never_ends_is_cut) {
  const std::string endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  auto soon = around();
  soon.until = std::chrono::steady_clock::now();
  auto why = refused(endless, soon);
  BOOST_TEST((why.code() == status_code::deadline_exceeded), to_string(why));
  *cancelled = true;
  why = refused(endless);
  BOOST_TEST((why.code() == status_code::cancelled), to_string(why));
}

BOOST_AUTO_TEST_CASE(an_answer_past_its_bounds_is_refused_behind_what_fits) {
  rows_max = 10;
  const std::string ten =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10) ";
  BOOST_TEST(told(ten + "SELECT i FROM n").size() == 10u);
  auto why = refused(ten + "SELECT i FROM n UNION ALL SELECT 11");
  BOOST_TEST((why.code() == status_code::resource_exhausted));
  BOOST_TEST(has(why.message(), "more than 10 rows"));
  why = refused(ten + "SELECT zeroblob(300000) FROM n");
  BOOST_TEST((why.code() == status_code::resource_exhausted));
  BOOST_TEST(has(why.message(), "more than 1 MiB"));
}

BOOST_AUTO_TEST_CASE(giant_values_and_statements_are_refused) {
  check_code("SELECT length(zeroblob(2000000000))", status_code::resource_exhausted);
  check_code("SELECT replace(hex(zeroblob(1000000)), '0', 'xxxxxxxxxx')",
             status_code::resource_exhausted);
  check_code("SELECT '" + std::string(2 << 20, 'x') + "'", status_code::resource_exhausted);
  check_code("SELECT sum(i) FROM (SELECT 9223372036854775807 i UNION ALL SELECT 1)",
             status_code::out_of_range);
}

// ------------------------------------------------------------------------------ while it changes

BOOST_AUTO_TEST_CASE(an_answer_is_of_one_moment_though_rows_change_and_the_file_goes) {
  auto asked = ad_hoc_question::ask("SELECT name FROM museums ORDER BY name", around());
  BOOST_REQUIRE(asked.ok());
  BOOST_REQUIRE((*asked)->next().ok());
  auto& file = files["gallery.api.Museums"];
  auto path = file->path();
  BOOST_REQUIRE(file->begin().ok());
  gallery::Painter one;
  one.set_name("Tate");
  BOOST_REQUIRE(file->put(0, "Tate", one).ok());
  BOOST_REQUIRE(file->commit().ok());
  file->remove_when_unused();
  views.clear();
  file.reset();
  BOOST_TEST(std::filesystem::exists(path));
  auto behind = (*asked)->next();
  BOOST_TEST((behind.ok() && !behind->has_value()));
  asked->reset();
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_plan_says_how_the_answer_would_be_found) {
  auto lines = ad_hoc_question::plan("SELECT name FROM painters WHERE _key = 'Braque'", around());
  BOOST_REQUIRE(lines.ok());
  BOOST_REQUIRE_EQUAL(lines->size(), 1u);
  BOOST_TEST(has(lines->front(), "SEARCH painters USING INDEX"));
  auto why = ad_hoc_question::plan("DELETE FROM painters", around());
  BOOST_TEST((why.error().code() == status_code::permission_denied));
  why = ad_hoc_question::plan("SELECT nme FROM painters", around());
  BOOST_TEST(has(why.error().message(), "line 1, column 8"));
}

BOOST_AUTO_TEST_SUITE_END()
