#include "views/sqlite_connection.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <limits>

#include "test/views/sqlite_asking.hpp"

using namespace perdure;
using namespace perdure::views;

BOOST_AUTO_TEST_SUITE(sqlite_connection)

BOOST_AUTO_TEST_CASE(values_go_in_and_come_back) {
  auto made = in_memory();
  std::vector<sql_value> values{
      std::monostate{}, one, 1.5, std::string("a\0b", 3), sql_blob{std::string("\0\xff", 2)}, "",
      sql_blob{}};
  auto back = all(made, "SELECT ?, ?, ?, ?, ?, ?, ?", values);
  BOOST_REQUIRE(back.ok());
  values.back() = sql_blob{};
  BOOST_TEST((*back == values));
}

BOOST_AUTO_TEST_CASE(a_statement_runs_again_after_its_end_and_after_an_error) {
  auto made = in_memory();
  auto statement = made.prepare("SELECT abs(?1)");
  BOOST_REQUIRE(statement.ok());
  BOOST_TEST(statement->parameter_count() == 1);
  statement->bind(1, std::numeric_limits<std::int64_t>::min());
  BOOST_TEST((statement->step().error().code() == status_code::out_of_range));
  for (std::int64_t number : {-1, -2}) {
    statement->bind(1, number);
    BOOST_TEST(*statement->step());
    BOOST_TEST(statement->integer(0) == -number);
    BOOST_TEST(!*statement->step());
  }
}

BOOST_AUTO_TEST_CASE(a_value_that_cannot_be_bound_is_no_null) {
  auto made = restricted();
  auto statement = made.prepare("SELECT ?1 IS NULL");
  BOOST_REQUIRE(statement.ok());
  statement->bind(1, std::string(17 << 20, 'x'));
  BOOST_TEST((statement->step().error().code() == status_code::resource_exhausted));
  statement->bind(2, one);
  BOOST_TEST((statement->step().error().code() == status_code::internal));
  statement->bind(1, one);
  BOOST_TEST(*statement->step());
}

BOOST_AUTO_TEST_CASE(declared_types_are_of_columns_only) {
  auto made = restricted();
  auto statement = made.prepare("SELECT name AS n, _id + 1, name || '' FROM a");
  BOOST_REQUIRE(statement.ok());
  BOOST_TEST(statement->column_name(0) == "n");
  BOOST_TEST((statement->declared_type(0) == "TEXT"));
  BOOST_TEST(!statement->declared_type(1));
}

BOOST_AUTO_TEST_CASE(exactly_one_statement_is_taken) {
  auto made = in_memory();
  for (auto* sql : {"SELECT 1", "SELECT 1;", "SELECT 1 ; -- end", "SELECT 1;; /* end */ ;"}) {
    BOOST_TEST(all(made, sql).ok(), sql);
  }
  for (auto* sql : {"", " ", ";", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1;;SELECT 2",
                    "SELECT 1; SELEC"}) {
    check_code(made, sql, status_code::invalid_argument);
  }
  check_code(made, std::string_view("SELECT 1\0; DROP TABLE a", 23), status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(sql_that_is_wrong_is_refused_with_its_place) {
  auto made = restricted();
  BOOST_TEST(refusal(made, "SELECT nam FROM a").message() == "no such column: nam");
  BOOST_TEST((made.error_at() == 7));
  BOOST_TEST(!made.plan_of("SELECT nam FROM a").ok());
  BOOST_TEST((made.error_at() == 7));
  BOOST_TEST(refusal(made, "SELECT name FROM a WHERE name = \"red\"").message() ==
             "no such column: red");
  BOOST_TEST(refusal(made, "SELEC 1").message() == "near \"SELEC\": syntax error");
  BOOST_TEST(all(made, "SELECT 1").ok());
  BOOST_TEST(!made.error_at());
}

BOOST_AUTO_TEST_CASE(what_never_ends_is_cut) {
  auto made = restricted();
  int asked = 0;
  made.go_on(1'000, [&] { return ++asked < 50; });
  auto endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT count(*) FROM n";
  check_code(made, endless, status_code::deadline_exceeded);
  BOOST_TEST(asked == 50);
  made.go_on(1'000, {});
  BOOST_TEST(all(made,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                 "100000) SELECT count(*) FROM n")
                 .ok());
}

BOOST_AUTO_TEST_CASE(huge_values_are_refused_and_not_made) {
  auto made = restricted();
  for (auto* sql : {
           "SELECT length(randomblob(1000000000))",
           "SELECT hex(zeroblob(1000000000))",
           "SELECT replace(hex(zeroblob(4000000)), '0', 'xxxxxxxxxx')",
           "SELECT length(group_concat(printf('%.*c', 1000000, 'x'))) FROM "
           "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
           "SELECT i FROM n)",
           "SELECT length(perdure_collect(printf('%.*c', 1000000, i))) FROM "
           "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
           "SELECT i FROM n)",
           "SELECT perdure_tuple(zeroblob(9000000), zeroblob(9000000))",
       }) {
    check_code(made, sql, status_code::resource_exhausted);
  }
  // SQLite's own answer to these.
  for (auto* sql : {"SELECT printf('%.*c', 1000000000, 'x')", "SELECT printf('%1000000000d', 1)",
                    "SELECT printf('%.*c', 20000000, 'x')"}) {
    BOOST_TEST((first(made, sql) == sql_value()), sql);
  }
}

BOOST_AUTO_TEST_CASE(sql_that_is_a_bomb_is_refused) {
  auto made = restricted();
  check_code(made, "SELECT 1 -- " + std::string(1 << 20, 'x'), status_code::resource_exhausted);
  std::string deep = "1";
  for (int i = 0; i < 600; ++i) deep += "+1";
  check_code(made, "SELECT " + deep, status_code::invalid_argument);
  std::string many = "SELECT 1";
  for (int i = 0; i < 60; ++i) many += " UNION SELECT 1";
  check_code(made, many, status_code::invalid_argument);
  check_code(made, "SELECT " + std::string(5'000, '('), status_code::invalid_argument);
  std::string wild;
  for (int i = 0; i < 200; ++i) wild += "%a";
  check_code(made, "SELECT 'a' LIKE '" + wild + wild + "'", status_code::invalid_argument);
  BOOST_TEST((first(made, "SELECT printf('%.*c', 100000, 'a') LIKE ?1", {wild + "b"}) ==
              sql_value(std::int64_t{0})));
}

BOOST_AUTO_TEST_CASE(an_overflow_is_out_of_range) {
  auto made = restricted();
  check_code(made, "SELECT sum(i) FROM (SELECT 9223372036854775807 AS i UNION ALL SELECT 1)",
             status_code::out_of_range);
  check_code(made, "SELECT json_extract('{', '$')", status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_file_is_written_by_one_and_read_by_others) {
  folder in;
  using access = perdure::views::sqlite_connection::access;
  auto none = perdure::views::sqlite_connection::open(in.file(), access::read);
  BOOST_TEST((none.error().code() == status_code::unavailable));
  auto writer = perdure::views::sqlite_connection::open(in.file(), access::write);
  BOOST_REQUIRE(writer.ok());
  run(*writer, "CREATE TABLE a (x); INSERT INTO a VALUES (1)");
  BOOST_TEST(writer->changed() == 1);
  BOOST_TEST((first(*writer, "PRAGMA journal_mode") == sql_value("wal")));
  auto reader = perdure::views::sqlite_connection::open(in.file(), access::read);
  BOOST_REQUIRE(reader.ok());
  run(*reader, "BEGIN");
  BOOST_TEST((first(*reader, "SELECT x FROM a") == sql_value(one)));
  run(*writer, "UPDATE a SET x = 2");
  BOOST_TEST((first(*reader, "SELECT x FROM a") == sql_value(one)));
  run(*reader, "COMMIT");
  BOOST_TEST((first(*reader, "SELECT x FROM a") == sql_value(std::int64_t{2})));
  check_code(*reader, "DELETE FROM a", status_code::permission_denied);
}

BOOST_AUTO_TEST_CASE(what_is_no_file_of_sqlite_is_data_loss) {
  folder in;
  std::ofstream(in.file()) << std::string(10'000, 'x');
  using access = perdure::views::sqlite_connection::access;
  for (auto as : {access::read, access::write}) {
    auto opened = perdure::views::sqlite_connection::open(in.file(), as);
    BOOST_TEST((opened.error().code() == status_code::data_loss));
    BOOST_TEST(opened.error().message() == "\"" + in.file() + "\": file is not a database");
  }
  auto is_folder = perdure::views::sqlite_connection::open(in.path, access::write);
  BOOST_TEST((is_folder.error().code() == status_code::unavailable));
}

BOOST_AUTO_TEST_CASE(a_damaged_page_is_data_loss) {
  folder in;
  using access = perdure::views::sqlite_connection::access;
  {
    auto writer = perdure::views::sqlite_connection::open(in.file(), access::write);
    BOOST_REQUIRE(writer.ok());
    run(*writer, "CREATE TABLE a (x); INSERT INTO a VALUES (randomblob(100000))");
  }
  std::fstream file(in.file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(4096, '\xff');
  file.close();
  auto reader = perdure::views::sqlite_connection::open(in.file(), access::read);
  BOOST_REQUIRE(reader.ok());
  check_code(*reader, "SELECT x FROM a", status_code::data_loss);
}

BOOST_AUTO_TEST_CASE(a_plan_says_how_tables_are_read) {
  auto made = restricted();
  auto plan = made.plan_of("SELECT name FROM a WHERE _id = 1");
  BOOST_REQUIRE(plan.ok());
  BOOST_TEST(*plan == std::vector<std::string>{"SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
