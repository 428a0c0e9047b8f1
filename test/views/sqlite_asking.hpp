#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "views/sqlite_connection.hpp"

// Connections for tests, and how tests ask them.

namespace perdure::views {

inline constexpr std::int64_t one = 1;

struct folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("sqlite_asking." + random_uuid());
  folder() { std::filesystem::create_directories(path); }
  ~folder() { std::filesystem::remove_all(path); }
  std::string file() const { return path / "a.db"; }
};

inline sqlite_connection in_memory() {
  auto opened = sqlite_connection::open(":memory:", sqlite_connection::access::write);
  BOOST_REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
  return std::move(*opened);
}

inline void run(sqlite_connection& in, std::string_view sql) {
  auto done = in.run(sql);
  BOOST_REQUIRE_MESSAGE(done.ok(), sql << ": " << to_string(done));
}

// All values, or what went wrong.
inline result<std::vector<sql_value>> all(sqlite_connection& in, std::string_view sql,
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

inline sql_value first(sqlite_connection& in, std::string_view sql,
                       std::vector<sql_value> bound = {}) {
  auto values = all(in, sql, std::move(bound));
  BOOST_REQUIRE_MESSAGE(values.ok(), sql << ": " << to_string(values.error()));
  BOOST_REQUIRE_MESSAGE(!values->empty(), sql);
  return values->front();
}

inline status refusal(sqlite_connection& in, std::string_view sql) {
  auto values = all(in, sql);
  BOOST_REQUIRE_MESSAGE(!values.ok(), sql << " was taken");
  return values.error();
}

inline void check_code(sqlite_connection& in, std::string_view sql, status_code code) {
  auto why = refusal(in, sql);
  BOOST_TEST((why.code() == code), sql << ": " << to_string(why));
}

// Tables as a view has them, and one that is not for queries; restricted to those of the view.
inline sqlite_connection restricted() {
  auto made = in_memory();
  run(made,
      "CREATE TABLE a (_id INTEGER PRIMARY KEY, name TEXT, secret TEXT);"
      "CREATE TABLE perdure_held (record BLOB); CREATE TABLE \"c.words_data\" (block);"
      "CREATE VIRTUAL TABLE \"a.words\" USING fts5(name, secret, content='a', content_rowid='_id');"
      "INSERT INTO a VALUES (1, 'red fish', 's'), (2, 'blue fish', 't');"
      "INSERT INTO \"a.words\" (rowid, name, secret) SELECT _id, name, secret FROM a");
  made.restrict_to([](std::string_view table, std::string_view column) {
    return table == "a" && column != "secret";
  });
  return made;
}

}  // namespace perdure::views
