// Rows of the same definition are made anew beside those that serve.

#include <boost/test/unit_test.hpp>

#include <atomic>

#include "test/views/gated_log.hpp"
#include "test/views/view_home_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;
using views::committed_changes;

// New rows have read all that there was, but the old ones are ahead, by what "late" says.
struct behind_fixture : view_home_fixture {
  gated_log log{topics.logs.log};

  void fall_behind() {
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
    auto stopped = log.stops.load();
    log.let_through(partition_of_key("early", stored_logs::partitions));
    wait_until([&] { return log.stops > stopped; }, "the old one does not go on");
  }
  ~behind_fixture() { home.reset(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(view_rebuild, view_home_fixture)

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

BOOST_FIXTURE_TEST_CASE(new_rows_serve_only_when_they_have_seen_what_the_old_ones_had,
                        behind_fixture) {
  fall_behind();
  for (int n = 0; n < 200; ++n) {
    BOOST_REQUIRE(texts_of("late") == "x;");
    // So that the home has had its turns.
    auto never = seen_by(*home, {{"topic/entries", 0, 1000}}, topics.clock.now());
    BOOST_TEST((never.code() == status_code::deadline_exceeded));
  }
  log.open();
  wait_for_new();
  BOOST_TEST(texts_of("late") == "x;");
}

BOOST_FIXTURE_TEST_CASE(what_was_seen_stays_seen_after_a_restart, behind_fixture) {
  fall_behind();
  open();
  BOOST_TEST(serving_name() == "1.db");
  BOOST_TEST(texts_of("late") == "x;");
  log.open();
  home->start();
  wait_for_new();
  BOOST_TEST(serving_name() == "2.db");
  BOOST_TEST(texts_of("late") == "x;");
}

BOOST_AUTO_TEST_SUITE_END()
