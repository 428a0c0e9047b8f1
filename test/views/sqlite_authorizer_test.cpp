#include <boost/test/unit_test.hpp>

#include "test/views/sqlite_asking.hpp"

using namespace perdure;
using namespace perdure::views;

BOOST_AUTO_TEST_SUITE(sqlite_authorizer)

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
           "SELECT rowid FROM \"a.words\" WHERE secret MATCH 's'",
           "SELECT block FROM \"c.words_data\"",
           "SELECT count(*) FROM sqlite_master",
           "SELECT count(rowid) FROM sqlite_master",
           "SELECT 1 FROM sqlite_master WHERE rowid = 1",
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

BOOST_AUTO_TEST_SUITE_END()
