#include "views/sqlite_connection.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "base/uuid.hpp"
#include "views/packed_values.hpp"

using namespace perdure;
using namespace perdure::views;

namespace {

constexpr std::int64_t one = 1;

struct folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("sqlite_connection." + random_uuid());
  folder() { std::filesystem::create_directories(path); }
  ~folder() { std::filesystem::remove_all(path); }
  std::string file() const { return path / "a.db"; }
};

sqlite_connection in_memory() {
  auto opened = sqlite_connection::open(":memory:", sqlite_connection::access::write);
  BOOST_REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
  return std::move(*opened);
}

void run(sqlite_connection& in, std::string_view sql) {
  auto done = in.run(sql);
  BOOST_REQUIRE_MESSAGE(done.ok(), sql << ": " << to_string(done));
}

// All values, or what went wrong.
result<std::vector<sql_value>> all(sqlite_connection& in, std::string_view sql,
                                   std::vector<sql_value> bound = {}) {
  auto statement = in.prepare(sql);
  if (!statement) return statement.error();
  for (std::size_t i = 0; i < bound.size(); ++i) statement->bind(static_cast<int>(i) + 1, bound[i]);
  std::vector<sql_value> values;
  for (;;) {
    auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return values;
    for (int i = 0; i < statement->column_count(); ++i) values.push_back(statement->column(i));
  }
}

sql_value first(sqlite_connection& in, std::string_view sql, std::vector<sql_value> bound = {}) {
  auto values = all(in, sql, std::move(bound));
  BOOST_REQUIRE_MESSAGE(values.ok(), sql << ": " << to_string(values.error()));
  BOOST_REQUIRE_MESSAGE(!values->empty(), sql);
  return values->front();
}

status refusal(sqlite_connection& in, std::string_view sql) {
  auto values = all(in, sql);
  BOOST_REQUIRE_MESSAGE(!values.ok(), sql << " was taken");
  return values.error();
}

void check_code(sqlite_connection& in, std::string_view sql, status_code code) {
  auto why = refusal(in, sql);
  BOOST_TEST((why.code() == code), sql << ": " << to_string(why));
}

// Tables as a view has them, and one that is not for queries; restricted to those of the view.
sqlite_connection restricted() {
  auto made = in_memory();
  run(made,
      "CREATE TABLE a (_id INTEGER PRIMARY KEY, name TEXT, secret TEXT);"
      "CREATE TABLE perdure_held (record BLOB);"
      "CREATE VIRTUAL TABLE \"a.words\" USING fts5(name, secret, content='a', content_rowid='_id');"
      "INSERT INTO a VALUES (1, 'red fish', 's'), (2, 'blue fish', 't');"
      "INSERT INTO \"a.words\" (rowid, name, secret) SELECT _id, name, secret FROM a");
  made.restrict_to([](std::string_view table, std::string_view column) {
    return table == "a" && column != "secret";
  });
  return made;
}

}  // namespace

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

BOOST_AUTO_TEST_CASE(a_restricted_connection_only_reads) {
  auto made = restricted();
  for (auto* sql : {
           "INSERT INTO a VALUES (3, '', '')",
           "UPDATE a SET name = ''",
           "DELETE FROM a",
           "DELETE FROM a RETURNING name",
           "REPLACE INTO a VALUES (1, '', '')",
           "WITH x AS (SELECT 1) INSERT INTO a SELECT 5, '', '' FROM x",
           "DROP TABLE a",
           "ALTER TABLE a RENAME TO b",
           "CREATE TABLE b (x)",
           "CREATE TEMP TABLE b (x)",
           "CREATE TEMP VIEW b AS SELECT 1",
           "CREATE INDEX i ON a (name)",
           "CREATE VIRTUAL TABLE temp.v USING fts5vocab('a.words', 'row')",
           "INSERT INTO \"a.words\" (\"a.words\") VALUES ('delete-all')",
           "ATTACH 'other.db' AS other",
           "ATTACH ':memory:' AS other",
           "DETACH main",
           "PRAGMA table_info(a)",
           "PRAGMA page_count",
           "PRAGMA journal_mode = DELETE",
           "PRAGMA trusted_schema = ON",
           "VACUUM",
           "VACUUM INTO 'x.db'",
           "REINDEX",
           "ANALYZE",
           "BEGIN",
           "COMMIT",
           "SAVEPOINT s",
       }) {
    check_code(made, sql, status_code::permission_denied);
  }
  BOOST_TEST((first(made, "SELECT count(*) FROM a") == sql_value(std::int64_t{2})));
}

BOOST_AUTO_TEST_CASE(a_restricted_connection_reads_its_tables_only) {
  auto made = restricted();
  for (auto* sql : {
           "SELECT secret FROM a",
           "SELECT * FROM a",
           "SELECT secret FROM \"a.words\"",
           "SELECT name FROM a WHERE secret = 's'",
           "SELECT name FROM a ORDER BY (SELECT b.secret FROM a b)",
           "SELECT record FROM perdure_held",
           "SELECT count(*) FROM perdure_held",
           "SELECT 1 FROM perdure_held",
           "SELECT 1 FROM PERDURE_held",
           "SELECT count(*) FROM a, perdure_held",
           "SELECT name FROM sqlite_master",
           "SELECT rowid FROM sqlite_master",
           "SELECT m.rowid, j.value FROM json_each('[1]') j, sqlite_master m",
           "SELECT m.rowid, j.value FROM sqlite_master m, json_tree('[1]') j",
           "UPDATE sqlite_master SET sql = ''",
           "UPDATE sqlite_master SET sql = '' WHERE rowid = 1 RETURNING rowid",
           "SELECT 1 FROM sqlite_master",
           "SELECT 1 FROM sqlite_schema",
           "SELECT 1 FROM sqlite_temp_schema",
           "SELECT * FROM pragma_table_info('a')",
           "SELECT 1 FROM pragma_database_list",
           "SELECT 1 FROM dbstat",
           "SELECT 1 FROM sqlite_dbpage",
       }) {
    auto why = refusal(made, sql);
    // Not all are compiled into every SQLite.
    bool is_unknown = why.message().find("no such table") == 0 ||
                      why.message() == "table sqlite_master may not be modified";
    BOOST_TEST((is_unknown || why.code() == status_code::permission_denied),
               sql << ": " << to_string(why));
  }
  BOOST_TEST(refusal(made, "SELECT secret FROM a").message() ==
             "the query is not permitted: it may not read a.secret");
}

BOOST_AUTO_TEST_CASE(a_restricted_connection_has_all_of_select) {
  auto made = restricted();
  for (auto* sql : {
           "SELECT name, _id, rowid FROM a ORDER BY name LIMIT 1 OFFSET 1",
           "WITH x AS (SELECT name FROM a) SELECT count(*) FROM x",
           "WITH x(n) AS (VALUES (1), (2)) SELECT 1 FROM x",
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) "
           "SELECT max(i) FROM n",
           "SELECT value FROM json_each('[1]')",
           "SELECT 1 FROM json_each('[1]')",
           "SELECT count(*) FROM json_tree('{\"a\":[1]}')",
           "SELECT name FROM a WHERE EXISTS (SELECT 1 FROM json_each('[1]') j WHERE j.value = 1)",
           "SELECT row_number() OVER (ORDER BY name) FROM a",
           "SELECT '[1]' -> 0, '[1]' ->> 0, json_object('a', 1)",
           "SELECT name FROM a UNION SELECT '' EXCEPT SELECT 'x'",
           "SELECT CASE WHEN name LIKE 're%' THEN upper(name) END FROM a GROUP BY 1 HAVING "
           "count(*)",
           "SELECT strftime('%Y', 'now'), CAST('1' AS INTEGER), current_timestamp",
           "VALUES (1)",
       }) {
    auto values = all(made, sql);
    BOOST_TEST(values.ok(), sql << ": " << to_string(values.error()));
  }
}

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

BOOST_AUTO_TEST_CASE(full_text_tables_of_a_file_are_met_while_restricted) {
  folder in;
  using access = perdure::views::sqlite_connection::access;
  auto writer = perdure::views::sqlite_connection::open(in.file(), access::write);
  BOOST_REQUIRE(writer.ok());
  run(*writer,
      "CREATE VIRTUAL TABLE \"a.words\" USING fts5(name);"
      "INSERT INTO \"a.words\" VALUES ('fish')");
  auto reader = perdure::views::sqlite_connection::open(in.file(), access::read);
  BOOST_REQUIRE(reader.ok());
  reader->restrict_to([](std::string_view table, std::string_view) { return table == "a"; });
  auto find = "SELECT count(*) FROM \"a.words\" WHERE name MATCH 'fish'";
  BOOST_TEST((first(*reader, find) == sql_value(one)));
  run(*writer, "INSERT INTO \"a.words\" VALUES ('fish'); CREATE TABLE b (x)");
  BOOST_TEST((first(*reader, find) == sql_value(std::int64_t{2})));
}

BOOST_AUTO_TEST_CASE(functions_that_do_more_than_compute_are_refused) {
  auto made = restricted();
  for (auto* sql :
       {"SELECT load_extension('x.so')", "SELECT fts3_tokenizer('simple')",
        "SELECT sqlite_compileoption_get(1)", "SELECT last_insert_rowid()",
        "SELECT readfile('/etc/passwd')", "SELECT writefile('x', 'y')", "SELECT edit('x')",
        "SELECT sqlite_version()", "SELECT no_such_function(1)", "SELECT fts5(1)"}) {
    auto code = refusal(made, sql).code();
    BOOST_TEST((code == status_code::permission_denied || code == status_code::invalid_argument),
               sql);
  }
  check_code(made, "SELECT sqlite_version()", status_code::permission_denied);
}

BOOST_AUTO_TEST_CASE(transactions_are_the_runtimes) {
  auto made = restricted();
  run(made, "BEGIN");
  BOOST_TEST(all(made, "SELECT name FROM a").ok());
  run(made, "COMMIT");
  BOOST_TEST((made.run("DELETE FROM a").code() == status_code::permission_denied));
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
    BOOST_TEST(opened.error().message() == in.file() + ": file is not a database");
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
