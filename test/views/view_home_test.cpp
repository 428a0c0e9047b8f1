#include "views/view_home.hpp"

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "test/views/view_home_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;
using views::committed_changes;

// Runs SQL on a file, and gives the last value.
std::int64_t run_on(const std::string& path, const std::string& sql) {
  std::int64_t last = 0;
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 10'000);
  auto keep = [](void* to, int, char** values, char**) {
    *static_cast<std::int64_t*>(to) = values[0] ? std::atoll(values[0]) : 0;
    return 0;
  };
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), keep, &last, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return last;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(view_home, view_home_fixture)

BOOST_AUTO_TEST_CASE(it_serves_once_all_has_been_read) {
  topics.entry("a", 1, "x");
  open();
  BOOST_TEST((home->serving().error().code() == status_code::unavailable));
  BOOST_TEST(home->serving().error().message().find("is being built: 0 of") != std::string::npos);
  BOOST_TEST(home->status_now().next.has_value());
  home->start();
  wait_for_new();
  BOOST_TEST(texts_of("a") == "x;");
  BOOST_TEST((files() == texts{"1.db"}));
}

BOOST_AUTO_TEST_CASE(it_serves_at_once_after_a_restart) {
  topics.entry("a", 1, "x");
  serve();
  open();
  BOOST_TEST(texts_of("a") == "x;");
  BOOST_TEST(!home->status_now().next);
  topics.entry("a", 1, "y");
  home->start();
  settle();
  BOOST_TEST(texts_of("a") == "x;y;");
}

BOOST_AUTO_TEST_CASE(what_was_being_made_is_made_on) {
  locked_log away{1};
  away.change([](scripted_log& l) { l.is_refused = status(status_code::unavailable, "away"); });
  logs[1].log = &away;
  topics.entry("a", 1, "x");
  start();
  wait_until([&] { return home->status_now().next->progress.handled == 1; }, "it has read some");
  home.reset();
  logs = topics.sources();
  serve();
  BOOST_TEST(home->status_now().serving.handled == 0u);
  BOOST_TEST(serving_name() == "1.db");
}

// ----------------------------------------------------------------------------- another definition

BOOST_AUTO_TEST_CASE(old_rows_serve_until_the_new_ones_are_there) {
  topics.entry("a", 1, "x");
  serve();
  home.reset();
  topics.entry("a", 1, "y");
  open("2");
  BOOST_TEST(texts_of("a") == "x;");
  BOOST_TEST(home->status_now().serves_old_definition);
  BOOST_TEST(home->status_now().next.has_value());
  // A query of the new definition may not fit.
  {
    auto reader = serving()->lend();
    BOOST_REQUIRE(reader.ok());
    BOOST_TEST(!reader->statement("SELECT * FROM novelties").ok());
  }
  auto old = std::make_unique<result<sqlite_view_file::reader>>(serving()->lend());
  home->start();
  wait_until([&] { return serving_name() == "2.db"; }, "the new one serves");
  BOOST_TEST(texts_of("a") == "x;y;");
  BOOST_TEST(!home->status_now().serves_old_definition);
  BOOST_TEST((files() == texts{"1.db", "2.db"}));
  old.reset();  // its last query
  wait_until([&] { return files() == texts{"2.db"}; }, "the old one is gone");
}

BOOST_AUTO_TEST_CASE(while_an_old_definition_serves_the_new_one_sees) {
  serve();
  topics.entry("a", 1, "y");
  start("2");
  settle();
  wait_for_new();
  BOOST_TEST(texts_of("a") == "y;");
}

// ------------------------------------------------------------------------------ states of a folder

struct left_file {
  int number;
  std::string definition;
  bool is_complete;
};

struct folder_state {
  std::string what;
  std::vector<left_file> there;
  std::string serving;  // empty: none
  texts after;          // files once it is open
};

BOOST_AUTO_TEST_CASE(however_it_was_left_it_goes_on) {
  const std::vector<folder_state> states{
      {"nothing was there", {}, "", {"1.db"}},
      {"killed while the first was made", {{1, "1", false}}, "", {"1.db"}},
      {"complete", {{1, "1", true}}, "1.db", {"1.db"}},
      {"killed in a rebuild", {{1, "1", true}, {2, "1", false}}, "1.db", {"1.db", "2.db"}},
      {"killed before the old one was removed", {{1, "1", true}, {2, "1", true}}, "2.db", {"2.db"}},
      {"another definition", {{1, "0", true}}, "1.db", {"1.db", "2.db"}},
      {"killed while its successor was made",
       {{1, "0", true}, {2, "1", false}},
       "1.db",
       {"1.db", "2.db"}},
      {"killed before it was removed", {{1, "0", true}, {2, "1", true}}, "2.db", {"2.db"}},
      {"back to a definition before its successor was complete",
       {{1, "1", true}, {2, "0", false}},
       "1.db",
       {"1.db"}},
      {"a definition that was never complete, then another",
       {{1, "0", true}, {2, "00", false}},
       "1.db",
       {"1.db", "3.db"}},
      {"a newer definition is complete, ours is older and is not",
       {{1, "1", false}, {2, "0", true}},
       "2.db",
       {"2.db", "3.db"}},
  };
  for (const auto& state : states) {
    BOOST_TEST_CONTEXT(state.what) {
      home.reset();
      std::filesystem::remove_all(folder);
      std::filesystem::create_directories(folder);
      for (const auto& one : state.there) {
        auto plan = ledger_plan(one.definition);
        auto made = sqlite_view_file::open(file(one.number), plan);
        BOOST_REQUIRE_MESSAGE(made.ok(), made.error());
        if (one.is_complete) BOOST_REQUIRE((*made)->set_complete() == status());
      }
      // As when the removal of a file was cut short.
      std::ofstream(folder + "/0.db-wal") << "left over";
      open();
      BOOST_TEST((home->serving().ok() ? serving_name() : "") == state.serving);
      BOOST_TEST((files() == state.after));
      BOOST_TEST(!std::filesystem::exists(folder + "/0.db-wal"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_was_never_finished_is_made_again) {
  std::filesystem::create_directories(folder);
  std::ofstream(file(1)).close();
  serve();
  BOOST_TEST((files() == texts{"2.db"}));
}

// ----------------------------------------------------------------------------------------- damage

BOOST_AUTO_TEST_CASE(a_damaged_file_is_moved_aside_and_made_anew) {
  topics.entry("a", 1, "x");
  serve();
  home.reset();
  std::filesystem::remove(file(1) + "-wal");
  std::ofstream(file(1)) << std::string(10'000, 'x');
  serve();
  BOOST_TEST(texts_of("a") == "x;");
  BOOST_TEST((files() == texts{"1.db.damaged", "2.db"}));
}

BOOST_AUTO_TEST_CASE(damage_that_shows_later_leads_to_new_rows) {
  topics.entry("a", 1, "x");
  serve();
  home.reset();
  for (auto table : {"accounts", "sqlite_autoindex_accounts_1"}) {
    auto page = run_on(file(1),
                       "PRAGMA wal_checkpoint(TRUNCATE); SELECT rootpage FROM "
                       "sqlite_schema WHERE name = '" +
                           std::string(table) + "'");
    auto size = run_on(file(1), "PRAGMA page_size");
    std::fstream raw(file(1), std::ios::in | std::ios::out | std::ios::binary);
    raw.seekp((page - 1) * size);
    raw << std::string(static_cast<std::size_t>(size), 'x');
  }
  start();
  BOOST_TEST(serving_name() == "1.db");
  topics.entry("a", 1, "y");
  wait_until([&] { return serving_name() == "2.db"; }, "a new one serves");
  settle();
  BOOST_TEST(texts_of("a") == "x;y;");
}

BOOST_AUTO_TEST_CASE(who_watches_learns_of_each_commit_until_it_lets_go) {
  serve();
  std::mutex mutex;
  texts keys;
  auto watch = home->on_change([&](const committed_changes& c) {
    std::lock_guard lock(mutex);
    for (const auto& row : c.rows) keys.push_back(row.key);
  });
  topics.entry("a", 1);
  settle();
  {
    std::lock_guard lock(mutex);
    BOOST_TEST((keys == texts{"a"}));
  }
  watch.reset();
  topics.entry("b", 1);
  settle();
  BOOST_TEST((keys == texts{"a"}));
}

BOOST_AUTO_TEST_CASE(what_is_held_back_is_dealt_with_through_it) {
  script->fail("bad");
  topics.entry("a", 1, "bad");
  serve();
  wait_until([&] { return home->status_now().serving.held == 1; }, "it is held back");
  BOOST_TEST((home->retry("topic entries", "b").code() == status_code::not_found));
  script->mend("bad");
  home->retry_all();
  wait_until([&] { return home->status_now().serving.held == 0; }, "it is handled");
  BOOST_TEST(texts_of("a") == "bad;");
}

BOOST_AUTO_TEST_CASE(who_waits_is_told_that_it_stops) {
  serve();
  std::promise<status> told;
  home->when_seen({{"topic/entries", 0, 1000}}, timestamp::max(),
                  [&](status s) { told.set_value(std::move(s)); });
  home->stop();
  BOOST_TEST((told.get_future().get().code() == status_code::unavailable));
  BOOST_TEST((seen_by(*home, {{"topic/entries", 0, 1000}}).code() == status_code::unavailable));
  BOOST_TEST((home->rebuild().code() == status_code::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
