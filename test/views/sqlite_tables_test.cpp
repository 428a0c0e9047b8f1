#include "views/sqlite_tables.hpp"

#include <boost/test/unit_test.hpp>

#include "gallery.pb.h"
#include "test/views/sqlite_asking.hpp"
#include "views/row_values.hpp"

using namespace perdure;
using namespace perdure::views;

namespace {

view_table_plan paintings(std::vector<std::string> searched = {}) {
  return {schema_of("paintings", *gallery::Painting::descriptor()), std::move(searched)};
}

perdure::views::sqlite_connection gallery_of(const view_table_plan& table) {
  auto made = in_memory();
  auto created = create_tables(made, std::vector{table});
  BOOST_REQUIRE_MESSAGE(created.ok(), to_string(created));
  return made;
}

// As a view's file does it.
void put(perdure::views::sqlite_connection& in, const std::string& key, const std::string& title,
         const std::string& city) {
  auto done = all(in,
                  "INSERT INTO paintings (_key, title, \"home.city\", _row) VALUES (?1, ?2, ?3, "
                  "x'') ON CONFLICT (_key) DO UPDATE SET title = ?2, \"home.city\" = ?3",
                  {key, title, city});
  BOOST_REQUIRE_MESSAGE(done.ok(), to_string(done.error()));
}

std::string found(perdure::views::sqlite_connection& in, const std::string& column,
                  const std::string& words) {
  auto keys = all(in,
                  "SELECT _key FROM paintings WHERE _id IN (SELECT rowid FROM \"paintings.words\" "
                  "WHERE \"paintings.words\" MATCH '{" +
                      views::quoted(column) + "} : (' || perdure_words(?1) || ')') ORDER BY _key",
                  {words});
  BOOST_REQUIRE_MESSAGE(keys.ok(), to_string(keys.error()));
  std::string text;
  for (auto& key : *keys) text += std::get<std::string>(key);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_tables)

BOOST_AUTO_TEST_CASE(a_name_is_quoted_whatever_is_in_it) {
  BOOST_TEST(views::quoted("home.city") == "\"home.city\"");
  BOOST_TEST(views::quoted("a\"b") == "\"a\"\"b\"");
}

BOOST_AUTO_TEST_CASE(a_row_of_every_kind_of_value_stands_in_its_table) {
  auto table = paintings();
  auto in = gallery_of(table);
  gallery::Painting row;
  row.set_serial(18446744073709551615u);
  row.mutable_painted()->set_seconds(5);
  row.add_tags("a");
  std::string names, marks;
  std::vector<sql_value> values;
  for (auto& column : table.schema.columns) {
    names += views::quoted(column.name) + ", ";
    marks += "?, ";
    values.push_back(value_of(row, column));
  }
  auto put = all(
      in, "INSERT INTO paintings (" + names + "_key, _row) VALUES (" + marks + "'k', x'')", values);
  BOOST_REQUIRE_MESSAGE(put.ok(), to_string(put.error()));
  auto back = all(in, "SELECT " + names + "_key FROM paintings");
  BOOST_REQUIRE(back.ok());
  values.emplace_back("k");
  BOOST_TEST((*back == values));
  BOOST_TEST((first(in, "SELECT typeof(serial) FROM paintings") == sql_value("real")));
}

BOOST_AUTO_TEST_CASE(a_key_stands_once) {
  auto in = gallery_of(paintings());
  put(in, "a", "one", "");
  put(in, "a", "two", "");
  BOOST_TEST((first(in, "SELECT count(*) FROM paintings") == sql_value(std::int64_t{1})));
  BOOST_TEST(!all(in, "INSERT INTO paintings (_key, _row) VALUES ('a', x'')").ok());
}

BOOST_AUTO_TEST_CASE(search_finds_what_rows_say_now) {
  auto in = gallery_of(paintings({"title", "home.city"}));
  put(in, "a", "Café at night", "Riga");
  put(in, "b", "Night watch", "Amsterdam");
  BOOST_TEST(found(in, "title", "night") == "ab");
  BOOST_TEST(found(in, "title", "cafe") == "a");
  BOOST_TEST(found(in, "title", "CAFÉ ni") == "a");
  BOOST_TEST(found(in, "title", "riga") == "");
  BOOST_TEST(found(in, "home.city", "ri") == "a");
  put(in, "a", "Café at noon", "Riga");
  BOOST_TEST(found(in, "title", "night") == "b");
  BOOST_TEST(found(in, "title", "noon") == "a");
  run(in, "DELETE FROM paintings WHERE _key = 'b'");
  BOOST_TEST(found(in, "title", "night") == "");
  BOOST_TEST(found(in, "title", "") == "");
  BOOST_TEST(found(in, "title", "\") OR (") == "");
  run(in,
      "INSERT INTO \"paintings.words\" (\"paintings.words\", rank) VALUES ('integrity-check', 1)");
}

BOOST_AUTO_TEST_CASE(search_is_made_anew_from_the_rows_there_are) {
  auto table = paintings();
  auto in = gallery_of(table);
  put(in, "a", "Night", "Riga");
  BOOST_TEST(drop_search(in, table).ok());
  table.searched = {"home.city"};
  BOOST_REQUIRE(create_search(in, table).ok());
  BOOST_TEST(found(in, "home.city", "riga") == "a");
  BOOST_REQUIRE(drop_search(in, table).ok());
  table.searched = {"title"};
  BOOST_REQUIRE(create_search(in, table).ok());
  BOOST_TEST(found(in, "title", "night") == "a");
  put(in, "a", "Day", "Riga");
  BOOST_TEST(found(in, "title", "night") == "");
}

BOOST_AUTO_TEST_CASE(a_row_without_a_searched_text_is_no_harm) {
  auto in = gallery_of(paintings({"nickname"}));
  run(in, "INSERT INTO paintings (_key, _row) VALUES ('a', x'')");
  run(in, "UPDATE paintings SET nickname = 'Mona'");
  BOOST_TEST(found(in, "nickname", "mona") == "a");
  run(in, "UPDATE paintings SET nickname = NULL");
  BOOST_TEST(found(in, "nickname", "mona") == "");
  run(in,
      "INSERT INTO \"paintings.words\" (\"paintings.words\", rank) VALUES ('integrity-check', 1)");
}

BOOST_AUTO_TEST_CASE(a_column_that_search_keeps_for_itself_is_refused) {
  auto in = in_memory();
  auto created = create_tables(in, std::vector{paintings({"rank"})});
  BOOST_TEST((created.code() == status_code::invalid_argument));
  BOOST_TEST(created.message() == "reserved fts5 column name: rank");
}

BOOST_AUTO_TEST_SUITE_END()
