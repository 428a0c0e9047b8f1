// Pages on rows: all of them come, once, in order, whatever they are ordered by.

#include <boost/test/unit_test.hpp>
#include <random>
#include <set>

#include "test/views/query_cases.hpp"

using namespace perdure::views;
using namespace perdure::views::testing;

namespace {

using row = std::vector<std::string>;

std::string text_of(const sql_value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text;
  return "null";
}

// Rows with many equal and many missing values.
sqlite_connection painted(int count, unsigned seed) {
  auto database = gallery_database();
  std::mt19937 random(seed);
  auto any = [&](int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); };
  auto insert = database.prepare(
      R"(INSERT INTO paintings(_key, title, year, height, "home.country") VALUES (?, ?, ?, ?, ?))");
  BOOST_TEST_REQUIRE(insert.ok());
  const std::string titles[] = {"a", "A", "b", "B", ""};
  for (int i = 0; i < count; ++i) {
    insert->bind(1, sql_value("key" + std::to_string(i)));
    auto title = titles[any(5)];
    insert->bind_text(2, title);
    insert->bind(3, static_cast<std::int64_t>(any(4)) - 2);
    any(3) == 0 ? insert->bind_null(4) : insert->bind(4, any(3) / 3.0);
    auto country = std::string(1, static_cast<char>('x' + any(2)));
    any(3) == 0 ? insert->bind_null(5) : insert->bind_text(5, country);
    BOOST_TEST_REQUIRE(insert->step().ok());
  }
  return database;
}

class page_reader {
 public:
  page_reader(sqlite_connection& database, const std::string& order, int size)
      : planned_(planned("SELECT _key AS titles, next_page_token() FROM paintings p " + order +
                         " LIMIT :page.size OFFSET page_token_offset(:page.token)")),
        size_(size) {
    BOOST_TEST_REQUIRE(planned_.problems.empty(), order << ": " << planned_.problems[0].text);
    auto prepared = database.prepare(planned_.plan.sql);
    BOOST_TEST_REQUIRE(prepared.ok(), planned_.plan.sql);
    statement_ = std::move(*prepared);
  }

  // False when it was the last one.
  bool next(std::vector<std::string>& keys) {
    const auto& pages = *planned_.plan.pages;
    auto from = static_cast<int>(pages.bound_from);
    statement_.bind(1, static_cast<std::int64_t>(size_));
    statement_.bind(from - 1, static_cast<std::int64_t>(place_.empty() ? 0 : 1));
    for (std::size_t i = 0; i < pages.key_count; ++i) {
      if (place_.empty())
        statement_.bind_null(from + static_cast<int>(i));
      else
        statement_.bind(from + static_cast<int>(i), place_[i]);
    }
    int rows = 0;
    std::vector<sql_value> last;
    for (;;) {
      auto there = statement_.step();
      BOOST_TEST_REQUIRE(there.ok());
      if (!*there) break;
      if (++rows > size_) continue;
      keys.push_back(text_of(statement_.column(0)));
      last.clear();
      for (std::size_t i = 0; i < pages.key_count; ++i) {
        last.push_back(statement_.column(static_cast<int>(pages.first_key + i)));
      }
    }
    place_ = last;
    return rows > size_;
  }

 private:
  planned_query_text planned_;
  int size_;
  sqlite_statement statement_;
  std::vector<sql_value> place_;
};

std::vector<std::string> at_once(sqlite_connection& database, const std::string& order) {
  auto statement = database.prepare("SELECT _key FROM paintings p " + order);
  BOOST_TEST_REQUIRE(statement.ok(), order);
  std::vector<std::string> keys;
  while (*statement->step()) keys.push_back(text_of(statement->column(0)));
  return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(query_paging)

BOOST_AUTO_TEST_CASE(all_rows_come_once_and_in_order) {
  auto database = painted(60, 1);
  std::pair<std::string, std::string> orders[] = {
      {"", "ORDER BY _key"},
      {"ORDER BY title", "ORDER BY title, _key"},
      {"ORDER BY title DESC", "ORDER BY title DESC, _key"},
      {"ORDER BY year", "ORDER BY year, _key"},
      {"ORDER BY p.year DESC, title", "ORDER BY year DESC, title, _key"},
      {"ORDER BY height", "ORDER BY height, _key"},
      {"ORDER BY height DESC, home.country", R"(ORDER BY height DESC, "home.country", _key)"},
      {"ORDER BY home.country, height DESC", R"(ORDER BY "home.country", height DESC, _key)"},
      {"ORDER BY home.country NULLS LAST, height DESC NULLS FIRST",
       R"(ORDER BY "home.country" NULLS LAST, height DESC NULLS FIRST, _key)"},
      {"ORDER BY title COLLATE NOCASE DESC, year",
       "ORDER BY title COLLATE NOCASE DESC, year, _key"},
      {"WHERE year > 0 ORDER BY year + 1, title || 'x' DESC",
       "WHERE year > 0 ORDER BY year + 1, title || 'x' DESC, _key"},
      {"WHERE year = 0 OR title = 'a' ORDER BY titles DESC",
       "WHERE year = 0 OR title = 'a' ORDER BY _key DESC"}};
  for (const auto& [order, all] : orders) {
    for (int size : {1, 2, 7, 59, 60, 100}) {
      page_reader reader(database, order, size);
      std::vector<std::string> keys;
      while (reader.next(keys)) {
      }
      BOOST_TEST(keys == at_once(database, all), order << " by " << size);
    }
  }
}

BOOST_AUTO_TEST_CASE(rows_that_come_and_go_hide_no_others) {
  auto database = painted(20, 2);
  page_reader reader(database, "ORDER BY title", 5);
  std::vector<std::string> keys;
  BOOST_TEST(reader.next(keys));
  auto last = keys.back().substr(1);
  BOOST_TEST(database.run("DELETE FROM paintings WHERE _key = '" + last + "'").ok());
  BOOST_TEST(database.run("INSERT INTO paintings(_key, title, year) VALUES ('first', '', 0)").ok());
  while (reader.next(keys)) {
  }
  BOOST_TEST(std::set<std::string>(keys.begin(), keys.end()).size() == keys.size());
  auto all = at_once(database, "WHERE _key <> 'first'");
  for (const auto& key : all)
    BOOST_TEST((std::find(keys.begin(), keys.end(), key) != keys.end()), key);
}

BOOST_AUTO_TEST_CASE(an_index_begins_at_the_place) {
  auto database = gallery_database();
  BOOST_TEST(database.run("CREATE INDEX by_year ON paintings(year, _key)").ok());
  for (std::string order : {"ORDER BY year", "ORDER BY year DESC"}) {
    auto plan = planned("SELECT title AS titles, next_page_token() FROM paintings " + order +
                        " LIMIT 5 OFFSET page_token_offset(:page.token)")
                    .plan;
    auto told = database.plan_of(plan.sql);
    BOOST_TEST_REQUIRE(told.ok());
    BOOST_TEST(told->front().starts_with("SEARCH paintings USING INDEX by_year (year"),
               told->front());
  }
}

BOOST_AUTO_TEST_SUITE_END()
