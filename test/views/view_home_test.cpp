#include "views/view_home.hpp"

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "test/views/gated_log.hpp"
#include "test/views/ledger.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;
using home_of_view = views::view_home;
using views::committed_changes;
using views::view_status;

struct fixture {
  temporary_folder outer;
  std::string folder = outer.path() / "views" / "ledger";
  std::shared_ptr<handler_script> script = std::make_shared<handler_script>();
  ledger_topics topics;
  std::vector<views::source_log> logs = topics.sources();
  std::unique_ptr<home_of_view> home;

  void open(const std::string& definition = "1") {
    home.reset();
    auto opened = home_of_view::open(
        {&ledger_service(), [script = script] { return std::make_unique<ledger_view>(script); }},
        ledger_plan(definition), {folder, logs, topics.clock, {}});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    home = *std::move(opened);
  }
  void start(const std::string& definition = "1") {
    open(definition);
    home->start();
  }
  void serve(const std::string& definition = "1") {
    start(definition);
    wait_for_new();
  }
  void wait_for_new() {
    wait_until([&] { return home->serving().ok() && !home->status_now().next; }, "it serves");
  }
  void settle() { BOOST_REQUIRE(seen_by(*home, topics.ends()) == status()); }
  std::shared_ptr<sqlite_view_file> serving() {
    auto file = home->serving();
    BOOST_REQUIRE_MESSAGE(file.ok(), file.error());
    return *file;
  }
  std::string texts_of(const std::string& key) {
    return rows_of<Account>(*serving(), "accounts")[key].texts();
  }
  std::string serving_name() {
    return std::filesystem::path(serving()->path()).filename().string();
  }
  std::string file(int number) const { return folder + "/" + std::to_string(number) + ".db"; }
  // Without what SQLite keeps beside them.
  texts files() const {
    texts names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      auto name = entry.path().filename().string();
      if (!name.ends_with("-wal") && !name.ends_with("-shm")) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
  }
};

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

BOOST_FIXTURE_TEST_SUITE(view_home, fixture)

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

// ---------------------------------------------------------------------------------------- rebuild

BOOST_AUTO_TEST_CASE(rows_are_made_anew_beside_those_that_serve) {
  topics.entry("a", 1, "x");
  serve();
  std::atomic<int> told{0};
  auto watch = home->on_change([&](const committed_changes& c) { told += c.too_many; });
  BOOST_REQUIRE(home->rebuild() == status());
  wait_until([&] { return serving_name() == "2.db"; }, "the new one serves");
  wait_until([&] { return told == 1; }, "who watches is told");
  BOOST_TEST(texts_of("a") == "x;");
  wait_until([&] { return files() == texts{"2.db"}; }, "the old one is gone");
}

BOOST_AUTO_TEST_CASE(only_one_is_made_at_a_time_and_the_old_one_follows_meanwhile) {
  serve();
  locked_log away{1};
  away.change([](scripted_log& l) { l.is_refused = status(status_code::unavailable, "away"); });
  home.reset();
  logs[1].log = &away;
  start();
  BOOST_REQUIRE(home->rebuild() == status());
  BOOST_TEST((home->rebuild().code() == status_code::already_exists));
  topics.entry("a", 1, "x");
  std::vector<log_position> entries;
  for (auto& p : topics.ends()) {
    if (p.log == "topic/entries") entries.push_back(p);
  }
  BOOST_REQUIRE(seen_by(*home, entries) == status());
  BOOST_TEST(serving_name() == "1.db");
  BOOST_TEST(texts_of("a") == "x;");

  // A restart goes on with both.
  open();
  BOOST_TEST(serving_name() == "1.db");
  BOOST_TEST(home->status_now().next.has_value());
  BOOST_TEST((files() == texts{"1.db", "2.db"}));
  home.reset();
}

// Whoever has waited for a position finds it in what serves then.
BOOST_AUTO_TEST_CASE(what_was_seen_stays_seen) {
  serve();
  int made = 0;
  for (int n = 1; n <= 300; ++n) {
    topics.entry("a", 1);
    settle();
    BOOST_REQUIRE((rows_of<Account>(*serving(), "accounts")["a"].entries() == n));
    if (!home->status_now().next && home->rebuild().ok()) ++made;
  }
  BOOST_TEST(made > 1);
  wait_for_new();
}

// The new rows are complete, but the old ones are ahead of them.
BOOST_AUTO_TEST_CASE(new_rows_serve_only_when_they_have_seen_what_the_old_ones_had) {
  gated_log log(topics.logs.log);
  logs = {{&log, "entries"}};
  topics.entry("early", 1);
  serve();
  log.close("/2/");
  auto looked = log.looks.load();
  BOOST_REQUIRE(home->rebuild() == status());
  // It knows what there is to read.
  wait_until([&] { return log.looks >= looked + 2 * static_cast<int>(stored_logs::partitions); },
             "it has looked at its source");
  topics.entry("late", 1, "x");
  auto ends = topics.ends();
  std::erase_if(ends, [](const auto& p) { return p.log != "topic/entries"; });
  BOOST_REQUIRE(seen_by(*home, ends) == status());
  log.let_through(partition_of_key("early", stored_logs::partitions));
  for (int n = 0; n < 200; ++n) {
    BOOST_REQUIRE(texts_of("late") == "x;");
    // So that the home has had its turns.
    auto never = seen_by(*home, {{"topic/entries", 0, 1000}}, topics.clock.now());
    BOOST_TEST((never.code() == status_code::deadline_exceeded));
  }
  log.open();
  wait_for_new();
  BOOST_TEST(texts_of("late") == "x;");
  home.reset();
}

// The same, and it ends before they have.
BOOST_AUTO_TEST_CASE(what_was_seen_stays_seen_after_a_restart) {
  gated_log log(topics.logs.log);
  logs = {{&log, "entries"}};
  topics.entry("early", 1);
  serve();
  log.close("/2/");
  auto looked = log.looks.load();
  BOOST_REQUIRE(home->rebuild() == status());
  wait_until([&] { return log.looks >= looked + 2 * static_cast<int>(stored_logs::partitions); },
             "it has looked at its source");
  topics.entry("late", 1, "x");
  auto ends = topics.ends();
  std::erase_if(ends, [](const auto& p) { return p.log != "topic/entries"; });
  BOOST_REQUIRE(seen_by(*home, ends) == status());
  auto stopped = log.stops.load();
  log.let_through(partition_of_key("early", stored_logs::partitions));
  wait_until([&] { return log.stops > stopped; }, "the old one does not go on");
  open();
  BOOST_TEST(serving_name() == "1.db");
  BOOST_TEST(texts_of("late") == "x;");
  log.open();
  home->start();
  wait_for_new();
  BOOST_TEST(serving_name() == "2.db");
  BOOST_TEST(texts_of("late") == "x;");
  home.reset();
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
