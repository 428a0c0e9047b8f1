// What an administrator does to a subscription: pause and resume; try again or skip what is held
// back. (Moving it about in its source: subscription_source_test.cpp.)

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

#include "test/pubsub/subscription_fixture.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

BOOST_FIXTURE_TEST_SUITE(subscription_admin, subscription_fixture)

BOOST_AUTO_TEST_CASE(a_pause_outlives_a_restart) {
  publish({{"a", "a:1"}});
  start();
  BOOST_TEST(told([&](auto done) { running->pause(done); }) == status());
  publish({{"a", "a:2"}});
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
  BOOST_TEST(now().is_paused);
  BOOST_TEST(now().problem == "");
  stop();
  start();
  BOOST_TEST(now().is_paused);
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
  BOOST_TEST(told([&](auto done) { running->resume(done); }) == status());
  BOOST_TEST(effects() == (texts{"a:1", "a:2"}), per_element());
  stop();
  start();
  BOOST_TEST(!now().is_paused);
}

// does

BOOST_AUTO_TEST_CASE(a_parked_key_is_tried_again_when_somebody_says_so) {
  fails = {{"a:1", failing_for_good()}, {"b:1", failing_for_good()}};
  publish({{"a", "a:1"}, {"a", "a:2"}, {"b", "b:1"}});
  start();
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  BOOST_TEST(tries.back() == "a:1#2");
  BOOST_TEST(now().parked == 2);
  fails.clear();
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  BOOST_TEST(effects() == (texts{"a:1", "a:2"}), per_element());
  BOOST_TEST(now().parked == 1);
  auto unknown = told([&](auto done) { running->retry("a", done); });
  BOOST_TEST(unknown.code() == status_code::not_found);
}

BOOST_AUTO_TEST_CASE(all_parked_keys_are_tried_again) {
  auto messages = of_keys(250);
  for (const auto& [key, payload] : messages) fails[payload] = failing_for_good();
  publish(messages);
  start();
  BOOST_TEST(now().parked == 250);
  fails.clear();
  BOOST_TEST(told([&](auto done) { running->retry_all(done); }) == status());
  BOOST_TEST(effects().size() == 250);
  BOOST_TEST(held().empty());
  BOOST_TEST(told([&](auto done) { running->retry_all(done); }) == status());
}

BOOST_AUTO_TEST_CASE(that_it_is_to_be_tried_again_outlives_a_restart) {
  fails = {{"a:1", failing_for_good()}};
  publish({{"a", "a:1"}});
  start();
  BOOST_TEST(told([&](auto done) { running->pause(done); }) == status());
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  BOOST_TEST(tries.size() == 1);  // it is paused
  stop();
  fails.clear();
  start();
  BOOST_TEST(tries.size() == 1);
  BOOST_TEST(told([&](auto done) { running->resume(done); }) == status());
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_key_that_is_tried_again_by_itself_may_be_hurried) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}});
  start();
  fails.clear();
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(the_first_of_a_key_may_be_skipped) {
  fails = {{"a:1", failing_for_good()}, {"a:2", failing_for_good()}};
  publish({{"a", "a:1"}, {"a", "a:2"}, {"a", "a:3"}});
  start();
  auto numbers = held();
  auto skip = [&](int n) {
    auto number = numbers.at(n).place.number;
    return told([&](auto done) { running->skip("a", number, done); });
  };
  BOOST_TEST(skip(1).code() == status_code::not_found);  // not the first
  BOOST_TEST(skip(0) == status());
  BOOST_TEST(tries.back() == "a:2#1");
  BOOST_TEST(skip(0).code() == status_code::not_found);
  BOOST_TEST(skip(1) == status());
  BOOST_TEST(effects() == texts{"a:3"}, per_element());
  BOOST_TEST(skip(2).code() == status_code::not_found);
  BOOST_TEST(held().empty());
  BOOST_TEST(now().held == 0);
}

BOOST_AUTO_TEST_CASE(a_message_is_skipped_when_its_try_has_ended) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}, {"a", "a:2"}});
  start();
  auto number = held()[0].place.number;
  holds = {"a:1"};
  pass(100ms);
  std::optional<status> skipped;
  running->skip("a", number, [&](status s) { skipped = std::move(s); });
  run();
  BOOST_TEST(!skipped.has_value());
  release("a:1");
  BOOST_REQUIRE(skipped.has_value());
  BOOST_TEST(*skipped == status());
  BOOST_TEST(effects() == texts{"a:2"}, per_element());

  fails = {{"b:1", failing()}};
  holds = {};
  publish({{"b", "b:1"}});
  number = held()[0].place.number;
  holds = {"b:1"};
  pass(100ms);
  fails.clear();
  running->skip("b", number, [&](status s) { skipped = std::move(s); });
  release("b:1");
  BOOST_TEST(skipped->code() == status_code::not_found);
  BOOST_TEST(effects().back() == "b:1");
}

BOOST_AUTO_TEST_CASE(a_number_never_comes_again) {
  fails = {{"a:1", failing_for_good()}};
  publish({{"a", "a:1"}});
  start();
  auto number = held()[0].place.number;
  fails = {{"a:2", failing_for_good()}};
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  publish({{"a", "a:2"}});
  auto skipped = told([&](auto done) { running->skip("a", number, done); });
  BOOST_TEST(skipped.code() == status_code::not_found);
  BOOST_TEST(now().held == 1);
}

BOOST_AUTO_TEST_CASE(nothing_is_tried_again_while_it_is_paused) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}, {"a", "a:2"}});
  start();
  BOOST_TEST(told([&](auto done) { running->pause(done); }) == status());
  fails.clear();
  pass(1h);
  BOOST_TEST(effects().empty());
  BOOST_TEST(told([&](auto done) { running->resume(done); }) == status());
  BOOST_TEST(effects() == (texts{"a:1", "a:2"}), per_element());
}

BOOST_AUTO_TEST_SUITE_END()
