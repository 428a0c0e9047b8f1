// Rows that change while others remember what they were: indexes, full text search, live queries.

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

#include "test/views/view_file_fixture.hpp"

using namespace perdure;
using namespace perdure::test;

namespace {

struct fixture : view_file_fixture {
  std::string asked(const std::string& sql) {
    auto reader = file->lend();
    BOOST_REQUIRE(reader.ok());
    auto found = reader->connection().prepare(sql);
    BOOST_REQUIRE_MESSAGE(found.ok(), found.error());
    std::string all;
    for (auto row = found->step(); row.ok() && *row; row = found->step()) {
      all += std::string(found->bytes(0)) + ";";
    }
    return all;
  }
  void put(const std::string& key, int balance, const std::string& texts) {
    Account row;
    row.set_balance(balance);
    row.set_texts(texts);
    BOOST_REQUIRE(file->put(0, key, row) == status());
  }
  // A live query of these picks by balance.
  void pick_by_balance() {
    tell_of("accounts");
    const auto& columns = plan.tables[0].schema.columns;
    views::live_plan live{"accounts", "SELECT _key FROM accounts WHERE _key = ?1"};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == "balance") live.picks = views::live_plan::pick{i, 0};
    }
    BOOST_TEST_REQUIRE(live.picks.has_value());
    plan.queries.back().plan.live = live;
    open();
  }
  static texts balances(const views::changed_row& row) {
    texts all;
    for (const auto& [column, value] : row.had) {
      all.push_back(std::to_string(std::get<std::int64_t>(value)));
    }
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_view_rows, fixture)

BOOST_AUTO_TEST_CASE(indexes_and_full_text_search_have_what_the_rows_have) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 dice(seed);
  plan.tables[0].searched = {"texts"};
  open();
  run_on(path, "CREATE INDEX by_balance ON accounts (balance)");
  open();
  std::map<std::string, std::pair<int, std::string>> truth;
  for (int step = 0; step < 300; ++step) {
    auto next = truth;
    begin();
    for (auto n = 1 + dice() % 5; n > 0; --n) {
      auto key = std::string(1, static_cast<char>('a' + dice() % 5));
      if (dice() % 6 == 0) {
        BOOST_REQUIRE(file->remove(0, key) == status());
        next.erase(key);
      } else {
        auto& row = next[key];
        if (dice() % 2 == 0) row.first = static_cast<int>(dice() % 3);
        if (dice() % 2 == 0) row.second = dice() % 2 == 0 ? "red" : "blue";
        put(key, row.first, row.second);
      }
    }
    if (dice() % 4 == 0) {
      file->roll_back();
    } else {
      commit();
      truth = next;
    }
    if (dice() % 50 == 0) open();
    for (int balance = 0; balance < 3; ++balance) {
      std::string expected;
      for (const auto& [key, row] : truth) {
        if (row.first == balance) expected += key + ";";
      }
      BOOST_TEST_REQUIRE(asked("SELECT _key FROM accounts INDEXED BY by_balance WHERE balance = " +
                               std::to_string(balance) + " ORDER BY _key") == expected,
                         "seed " << seed);
    }
    std::string red;
    for (const auto& [key, row] : truth) {
      if (row.second == "red") red += key + ";";
    }
    BOOST_TEST_REQUIRE(
        asked("SELECT _key FROM accounts WHERE _id IN "
              "(SELECT rowid FROM \"accounts.words\" WHERE \"accounts.words\" MATCH 'red') "
              "ORDER BY _key") == red,
        "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(what_was_rolled_back_is_not_remembered) {
  tell_of("accounts");
  put_alone("a", 1);
  begin();
  put("a", 2, "");
  file->roll_back();
  begin();
  auto now = file->find(0, "a");
  BOOST_TEST_REQUIRE((now.ok() && now->has_value()));
  Account row;
  BOOST_TEST((row.ParseFromString(**now) && row.balance() == 1));
  put("a", 2, "");
  BOOST_TEST(commit().rows.size() == 1u);
  BOOST_TEST(rows_of<Account>(*file, "accounts")["a"].balance() == 2);
}

BOOST_AUTO_TEST_CASE(a_row_that_a_stranger_has_taken_comes_back) {
  put_alone("a", 1);
  run_on(path, "DELETE FROM accounts");
  put_alone("a", 2);
  BOOST_TEST(rows_of<Account>(*file, "accounts")["a"].balance() == 2);
}

BOOST_AUTO_TEST_CASE(changes_are_told_of_tables_that_live_queries_read_once_the_file_serves) {
  auto told = [&](int balance) {
    begin();
    put("a", balance, "");
    return commit().rows.size();
  };
  perdure::test::tell_of(plan, "accounts");
  open();
  BOOST_TEST(told(1) == 0u);
  BOOST_REQUIRE(file->set_complete() == status());
  BOOST_TEST(told(2) == 1u);
  plan.queries.clear();
  open();
  BOOST_TEST(told(3) == 0u);
}

BOOST_AUTO_TEST_CASE(changes_tell_what_live_queries_pick_by) {
  pick_by_balance();
  auto had = [&](auto change) {
    begin();
    change();
    auto changes = commit();
    BOOST_TEST_REQUIRE(changes.rows.size() == 1u);
    return balances(changes.rows.front());
  };
  BOOST_TEST(had([&] { put("a", 1, "x"); }) == (texts{"1"}), boost::test_tools::per_element());
  BOOST_TEST(had([&] { put("a", 2, "x"); }) == (texts{"1", "2"}), boost::test_tools::per_element());
  BOOST_TEST(had([&] { put("a", 2, "y"); }) == (texts{"2", "2"}), boost::test_tools::per_element());
  BOOST_TEST(had([&] {
               put("a", 3, "y");
               put("a", 4, "y");
             }) == (texts{"2", "3", "3", "4"}),
             boost::test_tools::per_element());
  BOOST_TEST(had([&] { BOOST_REQUIRE(file->remove(0, "a") == status()); }) == (texts{"4"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
