// Whatever happens to a view's process, its rows are what its messages say, each counted once and
// those of a subject in their order.

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "test/views/projector_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;

struct walk : projector_fixture {
  std::mt19937 random;
  std::map<std::string, Account> expected;
  std::vector<std::string> broken;  // texts whose handler fails
  std::string kept = folder.path() / "kept";
  int steps = 0;

  explicit walk(unsigned seed) : random(seed) {
    bounds.attempts_max = 2;
    bounds.batch_messages_max = 7;
    bounds.page_bytes = 500;
  }

  std::size_t any(std::size_t below) { return random() % below; }

  void publish() {
    auto key = "k" + std::to_string(any(5));
    auto text = std::to_string(++steps);
    std::int64_t amount = static_cast<std::int64_t>(any(100));
    bool is_of_two = any(3) == 0;
    if (any(6) == 0) {
      script->fail(text);
      broken.push_back(text);
    }
    topics.entry(key, amount, text, is_of_two ? "bank" : "");
    auto& row = expected[key];
    row.set_balance(row.balance() + amount);
    row.set_entries(row.entries() + 1);
    row.set_texts(row.texts() + text + ";");
    if (!is_of_two) return;
    auto& bank = expected["bank"];
    bank.set_balance(bank.balance() - amount);
    bank.set_entries(bank.entries() + 1);
  }

  void mend_one() {
    if (broken.empty()) return;
    script->mend(broken.back());
    broken.pop_back();
    running->retry_all();
  }

  // As the file is after some commit, while others follow.
  void keep() {
    std::filesystem::remove(kept);
    sqlite3* db = nullptr;
    BOOST_REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 10'000);
    BOOST_REQUIRE(sqlite3_exec(db, ("VACUUM INTO '" + kept + "'").c_str(), nullptr, nullptr,
                               nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }

  // What came after the commit that was kept is lost.
  void cut_power() {
    stop();
    if (std::filesystem::exists(kept)) {
      for (const auto* end : {"-wal", "-shm"}) std::filesystem::remove(path + end);
      std::filesystem::copy_file(kept, path, std::filesystem::copy_options::overwrite_existing);
    }
    start();
  }

  void step() {
    switch (any(20)) {
      case 0:
        stop();
        start();
        break;
      case 1:
        cut_power();
        break;
      case 2:
      case 3:
        keep();
        break;
      case 4:
        settle();
        break;
      case 5:
        mend_one();
        break;
      default:
        for (auto n = any(10); n > 0; --n) publish();
    }
  }

  void check() {
    while (!broken.empty()) mend_one();
    settle();
    running->retry_all();
    wait([](const auto& s) { return s.held == 0; }, "all of it is handled");
    auto found = accounts();
    BOOST_TEST(found.size() == expected.size());
    for (const auto& [key, row] : expected) {
      BOOST_TEST(found[key].balance() == row.balance());
      BOOST_TEST(found[key].entries() == row.entries());
      BOOST_TEST(found[key].texts() == row.texts());
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(projector_walk)

BOOST_AUTO_TEST_CASE(each_message_counts_once_whatever_happens) {
  const char* given = std::getenv("PERDURE_SEED");
  auto seed = given ? static_cast<unsigned>(std::atoi(given)) : std::random_device()();
  BOOST_TEST_MESSAGE("PERDURE_SEED=" << seed);
  for (unsigned n = 0; n < 4; ++n) {
    BOOST_TEST_CONTEXT("PERDURE_SEED=" << seed + n) {
      walk w(seed + n);
      w.start();
      for (int step = 0; step < 150; ++step) w.step();
      w.check();
    }
  }
}

// A file that cannot be written stops the view, and nothing is passed over.
BOOST_AUTO_TEST_CASE(what_could_not_be_written_is_written_later) {
  walk w(1);
  w.start();
  for (int n = 0; n < 20; ++n) w.publish();
  w.settle();
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(w.path.c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 10'000);  // the view may be writing
  BOOST_REQUIRE(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  for (int n = 0; n < 20; ++n) w.publish();
  w.wait([](const auto& s) { return s.problem.find("cannot be written") != std::string::npos; },
         "it says so");
  BOOST_TEST(sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  w.check();
  BOOST_TEST(w.running->status_now().problem == "");
}

BOOST_AUTO_TEST_SUITE_END()
