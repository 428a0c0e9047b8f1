// How a subscription is moved about in its source, which may repeat itself. What else sources do is
// in subscription_bad_source_test.cpp.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

#include "test/pubsub/scripted_subscription.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;
using position = pubsub::subscription::position;

BOOST_FIXTURE_TEST_SUITE(subscription_source, scripted_fixture)

// ------------------------------------------------------------------------------------- duplicates

BOOST_AUTO_TEST_CASE(what_the_source_repeats_takes_effect_once) {
  may_repeat = true;
  start();
  add(0, "a", "a:1", 1);
  add(0, "a", "a:2", 2);
  add(0, "a", "a:1", 1);
  add(0, "a", "a:2", 2);
  add(0, "b", "b:1", 1);
  add(0, "a", "a:3", 3);
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "b:1", "a:3"}), per_element());
  stop();
  start();
  add(0, "a", "a:2", 2);
  add(0, "a", "a:3", 3);
  add(0, "a", "a:4", 4);
  BOOST_TEST(effects_of("a").size() == 4);
  BOOST_TEST(now().lag == 0);
}

BOOST_AUTO_TEST_CASE(duplicates_of_what_is_held_back_are_known_too) {
  may_repeat = true;
  fails = {{"a:1", failing()}};
  start();
  add(0, "a", "a:1", 1);
  add(0, "a", "a:1", 1);
  BOOST_TEST(held_payloads() == texts{"a:1"}, per_element());
  fails.clear();
  pass(100ms);
  add(0, "a", "a:1", 1);
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(many_subjects_are_told_apart_though_memory_is_bounded) {
  may_repeat = true;
  bounds.page_bytes = 100'000;
  for (int round = 0; round < 2; ++round) {
    for (int n = 0; n < 10'000; ++n) {
      auto key = "k" + std::to_string(n);
      add(0, key, key + ":1", 1);
    }
  }
  start();
  BOOST_TEST(tries.size() == 10'000);
}

BOOST_AUTO_TEST_CASE(a_commit_that_failed_forgets_what_was_seen_since) {
  may_repeat = true;
  start();
  add(0, "a", "a:1", 1);
  store->next_commit = fault::lost;
  add(0, "a", "a:2", 2);
  pass(10s);
  add(0, "a", "a:2", 2);
  BOOST_TEST(effects() == (texts{"a:1", "a:2"}), per_element());
}

// ------------------------------------------------------------------------------------------ moving

BOOST_AUTO_TEST_CASE(it_is_rewound_to_an_offset_while_messages_are_under_way) {
  holds = {"a:2"};
  start();
  for (const auto* payload : {"a:1", "a:2", "a:3"}) add(0, "a", payload);
  add(1, "b", "b:1");
  BOOST_TEST(told([&](auto done) {
               running->rewind(std::vector{position{0, topic_offset{0}}}, done);
             }) == status());
  holds.clear();
  // The handler of before is still at a:2; what it decides counts for nothing, but its key waits.
  BOOST_TEST(effects_of("a") == texts{"a:1"}, per_element());
  release("a:2");
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(effects_of("b") == texts{"b:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_rewound_position_outlives_a_restart) {
  start();
  for (const auto* payload : {"a:1", "a:2", "a:3"}) add(0, "a", payload);
  BOOST_TEST(told([&](auto done) { running->pause(done); }) == status());
  BOOST_TEST(told([&](auto done) {
               running->rewind(std::vector{position{0, topic_offset{1}}}, done);
             }) == status());
  BOOST_TEST(now().lag == 2);
  stop();
  start();
  BOOST_TEST(told([&](auto done) { running->resume(done); }) == status());
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "a:3", "a:2", "a:3"}), per_element());
}

BOOST_AUTO_TEST_CASE(it_is_rewound_to_a_time) {
  start();
  add(0, "a", "a:1");
  clock.advance(1s);
  auto then = clock.now();
  add(0, "a", "a:2");
  add(1, "b", "b:1");
  clock.advance(1s);
  BOOST_TEST(told([&](auto done) { running->rewind(then, done); }) == status());
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2", "a:2"}), per_element());
  BOOST_TEST(effects_of("b") == (texts{"b:1", "b:1"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_rewind_forgets_what_was_seen) {
  may_repeat = true;
  start();
  add(0, "a", "a:1", 1);
  BOOST_TEST(told([&](auto done) {
               running->rewind(std::vector{position{0, topic_offset{0}}}, done);
             }) == status());
  BOOST_TEST(effects() == (texts{"a:1", "a:1"}), per_element());
  add(0, "a", "a:1", 1);
  BOOST_TEST(effects().size() == 2);
}

BOOST_AUTO_TEST_CASE(what_is_held_back_stays_when_it_is_rewound) {
  fails = {{"a:1", failing_for_good()}};
  start();
  add(0, "a", "a:1");
  BOOST_TEST(told([&](auto done) {
               running->rewind(std::vector{position{0, topic_offset{0}}}, done);
             }) == status());
  BOOST_TEST(held_payloads() == (texts{"a:1", "a:1"}), per_element());
  BOOST_TEST(now().held == 2);
}

BOOST_AUTO_TEST_CASE(what_was_to_be_held_when_it_is_rewound_is_not) {
  holds = {"x:1"};
  fails = {{"a:1", failing()}};
  start();
  add(0, "x", "x:1");
  add(0, "a", "a:1");  // decided, behind x:1
  BOOST_TEST(held().empty());
  fails.clear();
  BOOST_TEST(told([&](auto done) {
               running->rewind(std::vector{position{0, topic_offset{1}}}, done);
             }) == status());
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
  release("x:1");
  BOOST_TEST(held().empty());
}

BOOST_AUTO_TEST_CASE(a_position_that_is_not_there_is_refused) {
  start();
  add(0, "a", "a:1");
  auto code_of = [&](std::vector<position> to) {
    return told([&](auto done) { running->rewind(to, done); }).code();
  };
  BOOST_TEST(code_of({{0, topic_offset{2}}}) == status_code::out_of_range);
  BOOST_TEST(code_of({{2, topic_offset{0}}}) == status_code::invalid_argument);
  BOOST_TEST(code_of({{0, topic_offset{0}}, {0, topic_offset{1}}}) ==
             status_code::invalid_argument);
  topic.is_refused = {status_code::permission_denied, "no"};
  BOOST_TEST(code_of({{0, topic_offset{0}}}) == status_code::permission_denied);
  topic.is_refused.reset();
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
  BOOST_TEST(code_of({{0, topic_offset{1}}}) == status_code::ok);
}

// --------------------------------------------------------------------------- readings that begin
//
// Whoever ends all readings does not meet one that has been decided on and not yet begun.

BOOST_AUTO_TEST_CASE(a_rewind_reaches_a_reading_that_is_just_beginning) {
  start();
  add(1, "b", "b:1");
  topic.at_read = [&] {
    running->rewind({{0, topic_offset{0}}}, {});
    run();
  };
  add(0, "a", "a:1");
  BOOST_TEST(effects() == (texts{"b:1", "a:1", "a:1"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_step_that_fails_ends_a_reading_that_is_just_beginning) {
  start();
  topic.at_read = [&] {
    store->next_commit = fault::lost;
    running->pause({});
    commits->commit_pending();
  };
  add(0, "a", "a:1");
  pass(10s);
  add(1, "b", "b:1");
  BOOST_TEST(effects_of("b") == texts{"b:1"}, per_element());
  BOOST_TEST(now().problem == "");
}

BOOST_AUTO_TEST_CASE(it_ends_though_a_reading_is_just_beginning) {
  start();
  bool has_ended = false;
  topic.at_read = [&] { running->stop([&] { has_ended = true; }); };
  add(0, "a", "a:1");
  BOOST_TEST(has_ended);
  running.reset();
}

BOOST_AUTO_TEST_SUITE_END()
