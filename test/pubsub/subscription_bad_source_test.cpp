// What sources do to a subscription that they should not: they are not there, refuse, lose what was
// not read yet, are created anew, or grow.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

#include "test/pubsub/scripted_subscription.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

BOOST_FIXTURE_TEST_SUITE(subscription_bad_source, scripted_fixture)

BOOST_AUTO_TEST_CASE(a_topic_that_is_not_there_is_waited_for) {
  topic.is_refused = {status_code::not_found, "no topic \"t\""};
  from_end = true;
  start();
  BOOST_TEST(says(now().problem, "no topic \"t\""));
  pass(1min);
  topic.is_refused.reset();
  add(0, "a", "a:1");
  pass(5s);
  BOOST_TEST(now().problem == "");
  // It has come into being after the reader: all of it is new.
  BOOST_TEST(effects() == texts{"a:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_refused_topic_says_so_and_goes_on_when_it_is_allowed) {
  start();
  add(0, "a", "a:1");
  topic.is_refused = {status_code::permission_denied, "not allowed"};
  add(0, "a", "a:2");
  BOOST_TEST(says(now().problem, "not allowed"));
  auto readings = topic.readings;
  pass(1min);
  BOOST_TEST(topic.readings - readings < 40);
  topic.is_refused.reset();
  pass(15s);
  BOOST_TEST(effects() == (texts{"a:1", "a:2"}), per_element());
  BOOST_TEST(now().problem == "");
}

BOOST_AUTO_TEST_CASE(a_damaged_partition_holds_up_no_other) {
  topic.is_damaged[0] = {status_code::data_loss, "record 0 is damaged"};
  start();
  add(0, "a", "a:1");
  add(1, "b", "b:1");
  BOOST_TEST(effects() == texts{"b:1"}, per_element());
  BOOST_TEST(says(now().problem, "record 0 is damaged"));
  BOOST_TEST(says(now().problem, "partition 0"));
  topic.is_damaged.clear();
  pass(15s);
  BOOST_TEST(effects() == (texts{"b:1", "a:1"}), per_element());
  BOOST_TEST(now().problem == "");
}

BOOST_AUTO_TEST_CASE(it_goes_on_behind_what_was_dropped_before_it_was_read) {
  start();
  add(0, "a", "a:1");
  stop();
  for (const auto* payload : {"a:2", "a:3", "a:4"}) add(0, "a", payload);
  topic.trim(0, topic_offset{3});
  start();
  BOOST_TEST(effects() == (texts{"a:1", "a:4"}), per_element());
  stop();
  topic.trim(0, topic_offset{10});
  start();
  // Though nothing has come, it stands there.
  BOOST_TEST(value(store->read_cursors(name)->front().next) == 10);
  add(0, "a", "a:11");
  BOOST_TEST(effects() == (texts{"a:1", "a:4", "a:11"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_topic_that_was_created_anew_is_read_from_its_beginning) {
  start();
  for (const auto* payload : {"a:1", "a:2", "a:3"}) add(0, "a", payload);
  topic.create_anew();
  run();
  add(0, "a", "new:1");
  BOOST_TEST(effects().back() == "new:1");
  stop();
  topic.create_anew();
  start();
  for (const auto* payload : {"new:2", "new:3"}) add(0, "a", payload);
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "a:3", "new:1", "new:2", "new:3"}), per_element());
  BOOST_TEST(value(store->read_cursors(name)->front().next) == 2);
}

// However many messages it has then, and though one partition stays empty.
BOOST_AUTO_TEST_CASE(a_topic_that_was_deleted_and_made_again_is_read_from_its_beginning) {
  for (int count : {0, 1, 2, 3, 4, 10}) {
    start();
    auto round = std::to_string(count);
    for (int n = 0; n < 3; ++n) add(0, "a", "before " + round);
    auto before = effects().size();
    topic.is_refused = {status_code::not_found, "no topic \"t\""};
    topic.create_anew();
    run();
    BOOST_TEST(says(now().problem, "no topic \"t\""));
    clock.advance(1s);
    for (int n = 0; n < count; ++n) add(0, "a", "after " + round);
    topic.is_refused.reset();
    pass(15s);
    BOOST_TEST(now().problem == "");
    BOOST_TEST(effects().size() == before + static_cast<std::size_t>(count), "with " << count);
    BOOST_TEST(now().lag == 0);
    stop();
    topic.create_anew();
    later.clear();
  }
}

BOOST_AUTO_TEST_CASE(so_it_is_though_the_source_does_not_answer_when_that_shows) {
  start();
  for (int n = 0; n < 3; ++n) add(0, "a", "before");
  topic.is_refused = {status_code::not_found, "no topic \"t\""};
  topic.create_anew();
  run();
  clock.advance(1s);
  for (int n = 0; n < 3; ++n) add(0, "a", "after");
  topic.is_refused.reset();
  // When the last record is read again.
  topic.at_read = [&] { topic.bounds_fail_once = {status_code::unavailable, "away"}; };
  pass(1min);
  BOOST_TEST(effects().size() == 6);
  BOOST_TEST(now().problem == "");
}

BOOST_AUTO_TEST_CASE(a_topic_that_was_away_for_a_moment_goes_on_where_it_was) {
  start();
  for (const auto* payload : {"a:1", "a:2", "a:3"}) add(0, "a", payload);
  topic.is_refused = {status_code::not_found, "no topic \"t\""};
  add(0, "a", "a:4");
  add(1, "b", "b:1");
  BOOST_TEST(says(now().problem, "no topic \"t\""));
  topic.is_refused.reset();
  pass(15s);
  auto all = effects();
  std::ranges::sort(all);
  BOOST_TEST(all == (texts{"a:1", "a:2", "a:3", "a:4", "b:1"}), per_element());
  BOOST_TEST(now().problem == "");
}

BOOST_AUTO_TEST_CASE(a_new_reader_begins_at_the_first_that_is_there) {
  add(0, "a", "a:1");
  add(0, "a", "a:2");
  topic.trim(0, topic_offset{1});
  start();
  BOOST_TEST(effects() == texts{"a:2"}, per_element());
  BOOST_TEST(now().lag == 0);
}

BOOST_AUTO_TEST_CASE(new_partitions_are_read_from_their_beginning) {
  add(0, "a", "a:1");
  from_end = true;
  start();
  topic.grow_to(4);
  add(3, "d", "d:1");
  pass(5s);
  add(2, "c", "c:1");
  BOOST_TEST(effects() == (texts{"d:1", "c:1"}), per_element());
  BOOST_TEST(now().partitions.size() == 4);
  stop();
  start();
  add(3, "d", "d:2");
  BOOST_TEST(effects().back() == "d:2");
}

// A foreign writer may put a key anywhere: its queue is one.
BOOST_AUTO_TEST_CASE(a_key_in_two_partitions_has_one_queue) {
  fails = {{"a:1", failing()}};
  start();
  add(0, "a", "a:1");
  add(1, "a", "a:2");
  BOOST_TEST(held_payloads() == (texts{"a:1", "a:2"}), per_element());
  fails.clear();
  pass(100ms);
  BOOST_TEST(effects() == (texts{"a:1", "a:2"}), per_element());
}

BOOST_AUTO_TEST_CASE(the_source_is_told_how_far_it_got) {
  start();
  add(0, "a", "a:1");
  add(0, "a", "a:2");
  pass(2s);
  BOOST_TEST(value(topic.consumed_up_to[0]) == 2);
}

BOOST_AUTO_TEST_CASE(messages_of_five_megabytes_pass) {
  bounds.page_bytes = 1 << 20;
  for (int n = 0; n < 3; ++n) add(0, "a", "a:" + std::string(5'000'000, 'x'));
  start();
  BOOST_TEST(effects().size() == 3);
}

BOOST_AUTO_TEST_SUITE_END()
