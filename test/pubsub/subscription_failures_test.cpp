// Steps that fail, with and without a trace: handlers may see a message again, effects are there
// once.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "test/pubsub/subscription_fixture.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;
namespace data = boost::unit_test::data;

using fault = faulty_step_store::fault;

namespace {

const auto faults = data::make({fault::lost, fault::stored_but_failed, fault::shows_later});

}  // namespace

namespace test {
// For the names of the cases.
inline std::ostream& operator<<(std::ostream& out, faulty_step_store::fault f) {
  return out << static_cast<int>(f);
}
}  // namespace test

BOOST_FIXTURE_TEST_SUITE(subscription_failures, subscription_fixture)

BOOST_DATA_TEST_CASE_F(subscription_fixture, a_step_that_failed_takes_effect_once, faults, what) {
  holds = {"a:1"};
  publish({{"a", "a:1"}, {"a", "a:2"}, {"b", "b:1"}});
  start();
  holds.clear();
  store->next_commit = what;
  release("a:1");
  BOOST_TEST(failures >= 1);
  BOOST_TEST(now().problem.find("the disk is away") != std::string::npos);
  publish({{"a", "a:3"}});
  pass(10s);
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(effects_of("b") == texts{"b:1"}, per_element());
  BOOST_TEST(now().problem == "");
  BOOST_TEST(now().lag == 0);
}

BOOST_DATA_TEST_CASE_F(subscription_fixture, a_retry_whose_step_failed_takes_effect_once, faults,
                       what) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}, {"a", "a:2"}});
  start();
  fails.clear();
  holds = {"a:1"};
  pass(100ms);
  store->next_commit = what;
  release("a:1");
  holds.clear();
  publish({{"a", "a:3"}});
  pass(10s);
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(held().empty());
  BOOST_TEST(now().held == 0);
}

BOOST_DATA_TEST_CASE_F(subscription_fixture, what_is_held_back_by_a_step_that_failed_is_once_there,
                       faults, what) {
  fails = {{"a:1", failing_for_good()}};
  holds = {"a:1"};
  publish({{"a", "a:1"}, {"a", "a:2"}});
  start();
  holds.clear();
  store->next_commit = what;
  release("a:1");
  publish({{"a", "a:3"}});
  pass(10s);
  BOOST_TEST(held_payloads() == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(now().held == 3);
  BOOST_TEST(now().parked == 1);
}

BOOST_DATA_TEST_CASE_F(subscription_fixture, an_administrator_is_told_and_may_try_again, faults,
                       what) {
  fails = {{"a:1", failing_for_good()}};
  publish({{"a", "a:1"}, {"a", "a:2"}});
  start();
  auto number = held()[0].place.number;
  auto until_it_is_done = [&](auto verb) {
    store->next_commit = what;
    BOOST_TEST(told(verb).code() == status_code::unavailable);
    status last;
    for (int n = 0; n < 3; ++n) {
      pass(10s);
      last = told(verb);
      if (last.code() != status_code::unavailable) break;
    }
    return last;
  };
  BOOST_TEST(until_it_is_done([&](auto done) { running->pause(done); }) == status());
  BOOST_TEST(now().is_paused);
  BOOST_TEST(until_it_is_done([&](auto done) { running->resume(done); }) == status());
  BOOST_TEST(!now().is_paused);
  BOOST_TEST(until_it_is_done([&](auto done) { running->retry("a", done); }) == status());
  BOOST_TEST(until_it_is_done([&](auto done) {
               running->rewind(std::vector{pubsub::subscription::position{0, {}}}, done);
             }) == status());
  auto skipped = until_it_is_done([&](auto done) { running->skip("a", number, done); });
  BOOST_TEST((skipped.ok() || skipped.code() == status_code::not_found));
  BOOST_TEST(held().empty());
  BOOST_TEST(effects() == texts{"a:2"}, per_element());
}

// The handler of a:1 runs on while all is begun anew.
BOOST_AUTO_TEST_CASE(a_handler_of_before_holds_up_its_key_and_no_other) {
  holds = {"a:1", "b:1"};
  publish({{"a", "a:1"}, {"a", "a:2"}, {"b", "b:1"}});
  start();
  store->next_commit = fault::lost;
  release("b:1");
  holds.erase("b:1");
  pass(10s);
  BOOST_TEST(effects() == texts{"b:1"}, per_element());
  BOOST_TEST(hand() == texts{"a:1"}, per_element());
  holds.clear();
  release("a:1");
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2"}), per_element());
  BOOST_TEST(std::ranges::count(tries, "a:1#1") == 2);
}

BOOST_AUTO_TEST_CASE(while_the_store_stays_away_it_is_asked_now_and_then) {
  publish({{"a", "a:1"}});
  store->next_commit = fault::lost;
  start();
  for (int n = 0; n < 2000; ++n) {
    store->next_commit = fault::lost;
    pass(10ms);
  }
  BOOST_TEST(effects().empty());
  BOOST_TEST(tries.size() > 5);
  BOOST_TEST(tries.size() < 15);
  store->next_commit = fault::none;
  pass(6s);
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(the_end_that_a_new_reader_begins_at_is_set_once) {
  publish({{"a", "a:1"}});
  from_end = true;
  store->next_commit = fault::stored_but_failed;
  start();
  publish({{"a", "a:2"}});
  pass(10s);
  BOOST_TEST(effects() == texts{"a:2"}, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
