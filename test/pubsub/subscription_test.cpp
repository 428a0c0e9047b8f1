// A subscription where nothing goes wrong: each message once, in order per key, many side by side.

#include <boost/test/unit_test.hpp>

#include <string>

#include "test/pubsub/subscription_fixture.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

BOOST_FIXTURE_TEST_SUITE(subscription, subscription_fixture)

BOOST_AUTO_TEST_CASE(each_message_takes_effect_once_and_in_order_per_key) {
  publish({{"a", "a:1"}, {"b", "b:1"}, {"a", "a:2"}});
  start();
  publish({{"a", "a:3"}, {"b", "b:2"}});
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(effects_of("b") == (texts{"b:1", "b:2"}), per_element());
  BOOST_TEST(committed == effects(), per_element());
  BOOST_TEST(now().lag == 0);
  BOOST_TEST(now().handled == 5);
  BOOST_TEST(now().problem == "");
}

BOOST_AUTO_TEST_CASE(messages_of_a_key_go_one_after_the_other_and_keys_side_by_side) {
  holds_all = true;
  publish({{"a", "a:1"}, {"a", "a:2"}, {"b", "b:1"}, {"c", "c:1"}, {"a", "a:3"}});
  start();
  auto in_any_order = hand();
  std::ranges::sort(in_any_order);
  BOOST_TEST(in_any_order == (texts{"a:1", "b:1", "c:1"}), per_element());
  release("b:1");
  release("a:1");
  BOOST_TEST(hand().back() == "a:2");
  release("a:2");
  BOOST_TEST(hand().back() == "a:3");
}

BOOST_AUTO_TEST_CASE(what_is_decided_is_stored_in_the_order_of_the_source) {
  // Keys of one partition.
  std::vector<std::pair<std::string, std::string>> messages;
  for (int n = 0; messages.size() < 4; ++n) {
    auto key = "k" + std::to_string(n);
    if (partition_of(key) == 0) messages.emplace_back(key, key);
  }
  publish(messages);
  holds = {messages[0].second};
  start();
  BOOST_TEST(tries.size() == 3);
  BOOST_TEST(effects().empty());
  BOOST_TEST(now().handled == 0);
  auto commits_before = store->commits;
  release(messages[0].second);
  texts expected;
  for (const auto& [key, payload] : messages) expected.push_back(payload);
  BOOST_TEST(effects() == expected, per_element());
  BOOST_TEST(store->commits == commits_before + 1);
}

BOOST_AUTO_TEST_CASE(while_two_steps_are_on_their_way_the_third_gathers) {
  std::vector<std::pair<std::string, std::string>> messages(20, {"a", ""});
  for (int n = 0; n < 20; ++n) messages[n].second = "a:" + std::to_string(n);
  publish(messages);
  bounds.window = 1;
  start();
  BOOST_TEST(effects().size() == 20);

  bounds.window = 256;
  stop();
  publish(messages);
  holds_all = true;
  start();
  auto commits_before = store->commits;
  for (int n = 0; n < 20; ++n) {
    auto h = std::move(in_hand.at(0));
    in_hand.clear();
    finish(std::move(h));
    run_uncommitted();
  }
  run();
  BOOST_TEST(effects().size() == 40);
  BOOST_TEST(store->commits == commits_before + 2);  // two in one group, and the rest
}

BOOST_AUTO_TEST_CASE(no_more_than_a_window_is_handed_over) {
  std::vector<std::pair<std::string, std::string>> messages;
  for (int n = 0; n < 1000; ++n) messages.emplace_back("k" + std::to_string(n), "p");
  publish(messages);
  bounds.window = 10;
  bounds.page_bytes = 1000;
  holds_all = true;
  start();
  BOOST_TEST(in_hand.size() == 10 * store->shard_count());
  BOOST_TEST(now().lag == 1000);
  holds_all = false;
  for (auto& h : std::exchange(in_hand, {})) finish(std::move(h));
  run();
  BOOST_TEST(effects().size() == 1000);
}

BOOST_AUTO_TEST_CASE(all_that_a_handler_decides_is_stored_with_the_cursor) {
  publish({{"a", "a:1"}});
  holds_all = true;
  start();
  handled_message outcome;
  outcome.mail.push_back(mail_to("target", "mail"));
  outcome.timers.push_back(
      {"timer", persistence::timer_change::timer{clock.now() + 5s, {}, mail_to("target", "late")}});
  outcome.messages.push_back(message_of("out", "a", "message"));
  in_hand.at(0).done(std::move(outcome));
  in_hand.clear();
  auto commits_before = store->commits;
  run();
  BOOST_TEST(store->commits == commits_before + 1);
  BOOST_TEST(effects() == texts{"mail"}, per_element());
  auto timers = store->read_due_timers(clock.now() + 5s, 10);
  BOOST_REQUIRE(timers.ok());
  BOOST_REQUIRE(timers->size() == 1);
  BOOST_TEST((timers->front().owner == owner));
  BOOST_TEST(payloads_of(messages_in(*store, "out", partition_of("a"))) == texts{"message"},
             per_element());
  auto cursors = store->read_cursors(name);
  BOOST_REQUIRE(cursors.ok());
  BOOST_TEST((*cursors == std::vector{persistence::cursor{partition_of("a"), topic_offset{1}}}));
}

BOOST_AUTO_TEST_CASE(it_goes_on_where_it_was) {
  publish({{"a", "a:1"}, {"b", "b:1"}});
  start();
  stop();
  publish({{"a", "a:2"}});
  start();
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2"}), per_element());
  BOOST_TEST(effects_of("b") == texts{"b:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_new_reader_may_begin_at_the_end_and_that_is_durable) {
  publish({{"a", "a:1"}});
  from_end = true;
  start();
  stop();
  publish({{"a", "a:2"}});
  start();
  publish({{"a", "a:3"}, {"b", "b:1"}});
  BOOST_TEST(effects_of("a") == (texts{"a:2", "a:3"}), per_element());
  BOOST_TEST(effects_of("b") == texts{"b:1"}, per_element());
}

BOOST_AUTO_TEST_CASE(origins_are_unique_and_stay) {
  publish({{"a", "a:1"}, {"a", "a:2"}, {"b", "b:1"}});
  holds_all = true;
  start();
  auto origin = in_hand.at(0).origin;
  auto partition = std::to_string(partition_of(in_hand.at(0).event.subject));
  BOOST_TEST(origin == "topic t/" + partition + "@0");
  BOOST_TEST(in_hand.at(1).origin != origin);
  auto payload = in_hand.at(0).payload();
  fails = {{payload, failing()}};
  release(payload);
  pass(100ms);
  BOOST_TEST(in_hand.back().origin == origin);
  BOOST_TEST(in_hand.back().attempt == 2);
}

BOOST_AUTO_TEST_CASE(it_ends_when_nothing_is_under_way) {
  publish({{"a", "a:1"}, {"a", "a:2"}, {"b", "b:1"}});
  holds = {"a:1"};
  start();
  bool ended = false;
  running->stop([&] { ended = true; });
  run();
  BOOST_TEST(!ended);
  release("a:1");
  BOOST_TEST(ended);
  BOOST_TEST(effects_of("a") == texts{"a:1"}, per_element());
  auto tries_before = tries;
  publish({{"c", "c:1"}});
  pass(1h);
  BOOST_TEST(tries == tries_before, per_element());
  auto paused = told([&](auto done) { running->pause(done); });
  BOOST_TEST(paused.code() == status_code::unavailable);
  running.reset();
  start();
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2"}), per_element());
}

BOOST_AUTO_TEST_CASE(one_that_never_began_ends) {
  publish({{"a", "a:1"}});
  start();
  bool ended = false;
  auto other = std::make_shared<pubsub::subscription>(
      "other", "topic t", owner, pubsub::subscription_source{log, "t", false, false},
      [](auto&&...) { BOOST_ERROR("a message was handed over"); }, bounds,
      pubsub::subscription::surroundings{*store, *commits, clock, times, [](auto&&) {},
                                         [](auto, auto&&) {}, [](auto&&) {}, [] {}});
  other->stop([&] { ended = true; });
  BOOST_TEST(ended);
  other->start();
  run();
}

BOOST_AUTO_TEST_CASE(its_status_tells_how_far_it_got) {
  publish({{"a", "a:1"}, {"a", "a:2"}, {"a", "a:3"}});
  holds = {"a:2"};
  start();
  auto status = now();
  BOOST_TEST(status.name == "alerts");
  BOOST_TEST(status.source == "topic t");
  BOOST_TEST(status.lag == 2);
  BOOST_REQUIRE(status.partitions.size() == store->shard_count());
  const auto& of_a = status.partitions[partition_of("a")];
  BOOST_TEST(value(of_a.next) == 1);
  BOOST_TEST(value(of_a.end) == 3);
  BOOST_TEST(status.handled == 1);
}

BOOST_AUTO_TEST_SUITE_END()
