// Random rows and random queries: what the view answers beside a plain evaluation in memory.

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <set>

#include "test/views/model_gallery.hpp"
#include "views/packed_values.hpp"
#include "views/query_plan.hpp"
#include "views/result_making.hpp"
#include "views/row_values.hpp"
#include "views/sql_words.hpp"
#include "views/sqlite_tables.hpp"

namespace {

using namespace perdure::views;
using gallery::Ask;
using gallery::Painting;
using perdure::test::condition;
using perdure::test::gallery_dice;
using perdure::test::gallery_rows;

unsigned seed_of_run() {
  const auto* told = std::getenv("PERDURE_SEED");
  return told == nullptr ? std::random_device{}() : static_cast<unsigned>(std::atoll(told));
}

std::string text_of(const google::protobuf::Message& message) {
  return message.GetTypeName() + " " + message.ShortDebugString();
}

// What a test that fails says of a status.
template <class T>
T sound(perdure::result<T> made) {
  BOOST_REQUIRE_MESSAGE(made.ok(), made.error().message());
  return *std::move(made);
}
void sound(const perdure::status& s) { BOOST_REQUIRE_MESSAGE(s.ok(), s.message()); }

// A table of paintings in memory, with all that queries of the test may search.
class table {
 public:
  table() : plan_{schema_of("paintings", *Painting::descriptor()), {}} {
    sound(create_tables(in_, std::span(&plan_, 1)));
  }

  void put(const std::string& key, const Painting& row) {
    remove(key);
    std::string names = "_key, _row";
    std::string places = "?1, ?2";
    for (std::size_t i = 0; i < plan_.schema.columns.size(); ++i) {
      names += ", " + quoted(plan_.schema.columns[i].name);
      places += ", ?" + std::to_string(i + 3);
    }
    auto insert =
        sound(in_.prepare("INSERT INTO paintings (" + names + ") VALUES (" + places + ")"));
    auto encoded = row.SerializeAsString();
    insert.bind_text(1, key);
    insert.bind_blob(2, encoded);
    std::vector<sql_value> values;
    for (const auto& column : plan_.schema.columns) values.push_back(value_of(row, column));
    for (std::size_t i = 0; i < values.size(); ++i) insert.bind(static_cast<int>(i) + 3, values[i]);
    sound(insert.step());
    rows[key] = row;
  }

  void remove(const std::string& key) {
    auto erase = sound(in_.prepare("DELETE FROM paintings WHERE _key = ?1"));
    erase.bind_text(1, key);
    sound(erase.step());
    rows.erase(key);
  }

  const table_schema& schema() const { return plan_.schema; }
  sqlite_connection& in() { return in_; }

  gallery_rows rows;  // the same in memory

 private:
  view_table_plan plan_;
  sqlite_connection in_ =
      sound(sqlite_connection::open(":memory:", sqlite_connection::access::write));
};

query_plan plan_of(const std::string& query, const table& over,
                   const google::protobuf::Descriptor& response, bool streams) {
  auto planned =
      plan_query(query, std::span(&over.schema(), 1), *Ask::descriptor(), response, streams);
  for (const auto& p : planned.problems) BOOST_TEST_MESSAGE(p.at << ": " << p.text);
  BOOST_REQUIRE_MESSAGE(planned.problems.empty(), query);
  return std::move(planned.plan);
}

std::size_t bind(sqlite_statement& statement, const query_plan& plan, const Ask& ask) {
  auto values = sound(parameters_of(plan, ask));
  // Those that it has: a statement beside the query's needs fewer.
  auto count = std::min(values.size(), static_cast<std::size_t>(statement.parameter_count()));
  for (std::size_t i = 0; i < count; ++i) statement.bind(static_cast<int>(i) + 1, values[i]);
  return values.size();
}

template <class Response>
std::vector<std::string> stream(table& from, const std::string& query, const Ask& ask) {
  auto plan = plan_of(query, from, *Response::descriptor(), true);
  auto statement = sound(from.in().prepare(plan.sql));
  bind(statement, plan, ask);
  std::vector<std::string> answers;
  while (sound(statement.step())) {
    Response answer;
    BOOST_REQUIRE(
        answer.ParseFromString(sound(encode_row(plan, Response::default_instance(), statement))));
    answers.push_back(text_of(answer));
  }
  return answers;
}

std::int64_t number(table& from, const std::string& sql, const query_plan& plan, const Ask& ask) {
  auto statement = sound(from.in().prepare(sql));
  bind(statement, plan, ask);
  BOOST_REQUIRE(sound(statement.step()));
  return statement.integer(0);
}

// The rows that a condition holds for, in the order of `less`, else of their keys.
using row = std::pair<std::string, Painting>;
std::vector<row> rows_with(const table& from, const condition& where,
                           const std::function<bool(const row&, const row&)>& less = {}) {
  std::vector<row> found;
  for (const auto& [key, painting] : from.rows) {
    auto holds = where.holds(painting);
    if (holds && *holds) found.emplace_back(key, painting);
  }
  if (less) std::ranges::stable_sort(found, less);
  return found;
}

// A random ORDER BY: SQL, and the same order in memory. NULL is before all.
struct order {
  std::string sql;
  std::function<bool(const row&, const row&)> less;
};

order any_order(gallery_dice& dice) {
  struct part {
    std::string sql;
    std::function<int(const Painting&, const Painting&)> compare;
  };
  auto three_way = [](const auto& a, const auto& b) { return a < b ? -1 : (b < a ? 1 : 0); };
  auto copies = [](const Painting& p) { return p.has_copies() ? p.copies() : -1; };
  std::vector<part> all{
      {"year", [=](const auto& a, const auto& b) { return three_way(a.year(), b.year()); }},
      {"title", [=](const auto& a, const auto& b) { return three_way(a.title(), b.title()); }},
      {"copies", [=](const auto& a, const auto& b) { return three_way(copies(a), copies(b)); }},
      {"height", [=](const auto& a, const auto& b) { return three_way(a.height(), b.height()); }}};
  std::vector<std::pair<part, int>> chosen;
  std::string sql;
  for (int i = dice.below(4); i > 0; --i) {
    auto& one = all[static_cast<std::size_t>(dice.below(4))];
    int sign = dice.once_in(2) ? 1 : -1;
    chosen.emplace_back(one, sign);
    sql += (sql.empty() ? "" : ", ") + one.sql + (sign > 0 ? "" : " DESC");
  }
  return {sql, [chosen](const row& a, const row& b) {
            for (const auto& [one, sign] : chosen) {
              if (int c = one.compare(a.second, b.second) * sign; c != 0) return c < 0;
            }
            return a.first < b.first;
          }};
}

std::string order_by(const order& by) { return by.sql.empty() ? "" : " ORDER BY " + by.sql; }

void compare(const std::vector<std::string>& answers, const std::vector<std::string>& expected,
             const std::string& query, unsigned seed) {
  BOOST_REQUIRE_MESSAGE(answers == expected, "seed " << seed << ": " << query << "\n"
                                                     << answers.size() << " answers, "
                                                     << expected.size() << " expected");
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  return texts;
}

std::vector<std::string> paintings(const std::vector<row>& rows) {
  std::vector<std::string> texts;
  for (const auto& [key, painting] : rows) texts.push_back(text_of(painting));
  return texts;
}

// Calls `check` with random rows and requests, many times; the rows change in between.
void many_times(const std::function<void(table&, gallery_dice&, const Ask&, unsigned)>& check) {
  auto seed = seed_of_run();
  BOOST_TEST_MESSAGE("PERDURE_SEED=" << seed);
  gallery_dice dice(seed);
  table rows;
  for (int turn = 0; turn < 1500; ++turn) {
    for (int i = dice.below(4); i >= 0; --i) {
      auto key = "p" + std::to_string(dice.below(40));
      dice.once_in(4) ? rows.remove(key) : rows.put(key, dice.painting());
    }
    check(rows, dice, dice.ask(), seed);
  }
}

BOOST_AUTO_TEST_SUITE(query_model)

BOOST_AUTO_TEST_CASE(conditions_choose_the_same_rows) {
  many_times([](table& rows, gallery_dice& dice, const Ask& ask, unsigned seed) {
    auto where = dice.any_condition(ask, 3);
    auto query = "SELECT * FROM paintings WHERE " + where.sql;
    compare(sorted(stream<Painting>(rows, query, ask)), sorted(paintings(rows_with(rows, where))),
            query, seed);
  });
}

BOOST_AUTO_TEST_CASE(columns_become_fields_in_order) {
  many_times([](table& rows, gallery_dice& dice, const Ask& ask, unsigned seed) {
    auto where = dice.any_condition(ask, 2);
    auto by = any_order(dice);
    auto query =
        "SELECT title, year, copies, home.city AS city, style, height, painted, tags "
        "FROM paintings p WHERE " +
        where.sql + " ORDER BY " + (by.sql.empty() ? "" : by.sql + ", ") + "p._key";
    std::vector<std::string> expected;
    for (const auto& [key, p] : rows_with(rows, where, by.less)) {
      gallery::Work work;
      work.set_title(p.title());
      work.set_year(p.year());
      if (p.has_copies()) work.set_copies(p.copies());
      work.set_city(p.home().city());
      work.set_style(p.style());
      work.set_height(p.height());
      if (p.has_painted()) *work.mutable_painted() = p.painted();
      *work.mutable_tags() = p.tags();
      expected.push_back(text_of(work));
    }
    compare(stream<gallery::Work>(rows, query, ask), expected, query, seed);
  });
}

BOOST_AUTO_TEST_CASE(groups_and_their_aggregates) {
  many_times([](table& rows, gallery_dice& dice, const Ask& ask, unsigned seed) {
    auto where = dice.any_condition(ask, 2);
    std::map<std::string, std::vector<Painting>> by_style;
    for (const auto& [key, p] : rows_with(rows, where)) {
      by_style[gallery::Style_Name(p.style())].push_back(p);
    }
    auto query =
        "SELECT style, count(*) AS count, sum(price) AS sum, min(year) AS first_year, "
        "max(height) AS tallest, avg(copies) AS mean, count(DISTINCT home.city) AS cities "
        "FROM paintings WHERE " +
        where.sql + " GROUP BY style ORDER BY style";
    std::vector<std::string> expected;
    for (const auto& [style, all] : by_style) {
      gallery::StyleGroup group;
      group.set_style(all.front().style());
      group.set_count(static_cast<int>(all.size()));
      double copies = 0;
      int with_copies = 0;
      std::set<std::string> cities;
      group.set_first_year(all.front().year());
      group.set_tallest(all.front().height());
      for (const auto& p : all) {
        group.set_sum(group.sum() + p.price());
        group.set_first_year(std::min(group.first_year(), p.year()));
        group.set_tallest(std::max(group.tallest(), p.height()));
        if (p.has_copies()) copies += p.copies(), ++with_copies;
        if (p.has_home()) cities.insert(p.home().city());
      }
      if (with_copies > 0) group.set_mean(copies / with_copies);
      group.set_cities(static_cast<int>(cities.size()));
      expected.push_back(text_of(group));
    }
    compare(stream<gallery::StyleGroup>(rows, query, ask), expected, query, seed);
  });
}

BOOST_AUTO_TEST_CASE(pages_put_together_are_all_rows_in_order) {
  many_times([](table& rows, gallery_dice& dice, const Ask& asked, unsigned seed) {
    auto where = dice.any_condition(asked, 1);
    auto by = any_order(dice);
    auto query =
        "SELECT * AS works, total_count() AS total, has_more() AS more, "
        "next_page_token() AS next FROM paintings WHERE " +
        where.sql + order_by(by) + " LIMIT :size OFFSET page_token_offset(:token)";
    auto plan = plan_of(query, rows, *gallery::Works::descriptor(), false);
    BOOST_REQUIRE(plan.pages);
    BOOST_REQUIRE(plan.looks_behind_limit);
    auto all = rows_with(rows, where, by.less);
    std::vector<std::string> seen;
    std::vector<sql_value> place;
    auto statement = sound(rows.in().prepare(plan.sql));
    for (bool more = true; more;) {
      bind(statement, plan, asked);
      auto from = static_cast<int>(plan.pages->bound_from);
      statement.bind(from - 1, std::int64_t{place.empty() ? 0 : 1});
      for (std::size_t i = 0; i < plan.pages->key_count; ++i) {
        statement.bind(from + static_cast<int>(i), place.empty() ? sql_value() : place[i]);
      }
      std::vector<std::vector<sql_value>> places;
      many_rows page(plan, gallery::Works::default_instance());
      auto limit = number(rows, *plan.limit_sql, plan, asked);
      BOOST_REQUIRE(limit == asked.size());
      more = false;
      while (sound(statement.step())) {
        if (static_cast<std::int64_t>(places.size()) == limit) {
          more = true;
          statement.reset();
          break;
        }
        sound(page.add(statement));
        auto& here = places.emplace_back();
        for (std::size_t i = 0; i < plan.pages->key_count; ++i) {
          here.push_back(statement.column(static_cast<int>(plan.pages->first_key + i)));
        }
      }
      if (!places.empty()) place = places.back();
      gallery::Works answer;
      auto total = number(rows, *plan.count_sql, plan, asked);
      BOOST_REQUIRE(answer.ParseFromString(sound(std::move(page).encode({total, more, "x"}))));
      BOOST_REQUIRE_MESSAGE(total == static_cast<std::int64_t>(all.size()),
                            "seed " << seed << ": " << query);
      BOOST_REQUIRE(answer.total() == total);
      BOOST_REQUIRE(answer.more() == more);
      for (const auto& work : answer.works()) seen.push_back(text_of(work));
      BOOST_REQUIRE_MESSAGE(seen.size() <= all.size(), "seed " << seed << ": " << query);
    }
    compare(seen, paintings(all), query, seed);
  });
}

BOOST_AUTO_TEST_CASE(a_row_that_changed_is_in_a_live_result_as_in_the_whole) {
  many_times([](table& rows, gallery_dice& dice, const Ask& ask, unsigned seed) {
    auto where = dice.any_condition(ask, 3);
    auto other = dice.any_condition(ask, 1);
    auto query = "SELECT * FROM paintings p WHERE " + where.sql + " OR " + other.sql;
    auto plan = plan_of(query, rows, *Painting::descriptor(), true);
    BOOST_REQUIRE_MESSAGE(plan.live, query);
    auto statement = sound(rows.in().prepare(plan.live->sql));
    auto key = "p" + std::to_string(dice.below(40));
    auto count = bind(statement, plan, ask);
    statement.bind_text(static_cast<int>(count) + 1, key);
    bool is_there = sound(statement.step());
    auto found = rows.rows.find(key);
    auto is_true = [](std::optional<bool> answer) { return answer.value_or(false); };
    bool holds = found != rows.rows.end() &&
                 (is_true(where.holds(found->second)) || is_true(other.holds(found->second)));
    BOOST_REQUIRE_MESSAGE(is_there == holds, "seed " << seed << ": " << query << " of " << key);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
