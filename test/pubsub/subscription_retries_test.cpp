// What a handler cannot deal with is tried again, then parked; its key waits, and nobody else.

#include <boost/test/unit_test.hpp>

#include <string>

#include "test/pubsub/subscription_fixture.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

BOOST_FIXTURE_TEST_SUITE(subscription_retries, subscription_fixture)

BOOST_AUTO_TEST_CASE(it_is_tried_again_after_longer_and_longer_pauses_then_parked) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}});
  start();
  BOOST_TEST(tries == texts{"a:1#1"}, per_element());
  BOOST_TEST(now().retrying == 1);
  pass(99ms);
  BOOST_TEST(tries.size() == 1);
  pass(1ms);
  BOOST_TEST(tries.size() == 2);
  pass(199ms);
  BOOST_TEST(tries.size() == 2);
  pass(1ms);
  BOOST_TEST(tries.size() == 3);
  pass(300ms);  // no longer than that
  BOOST_TEST(tries == (texts{"a:1#1", "a:1#2", "a:1#3", "a:1#4"}), per_element());
  BOOST_TEST(now().retrying == 0);
  BOOST_TEST(now().parked == 1);
  pass(24h);
  BOOST_TEST(tries.size() == 4);
  BOOST_REQUIRE(held().size() == 1);
  auto what = held()[0].what;
  BOOST_TEST(what.attempts == 4);
  BOOST_TEST(what.error == "INTERNAL: no luck");
  BOOST_TEST((what.retry_at == timestamp::max()));
  BOOST_TEST((what.failed_at != timestamp{}));
  BOOST_TEST(what.what.message.topic == "t");
  BOOST_TEST(what.partition == partition_of("a"));
}

BOOST_AUTO_TEST_CASE(what_follows_it_waits_behind_it_in_order) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}, {"a", "a:2"}});
  start();
  publish({{"a", "a:3"}, {"b", "b:1"}});
  BOOST_TEST(effects() == texts{"b:1"}, per_element());
  BOOST_TEST(held_payloads() == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(now().held == 3);
  BOOST_TEST(now().lag == 0);
  BOOST_TEST(held()[1].what.attempts == 0);
  fails.clear();
  pass(100ms);
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(held().empty());
  BOOST_TEST(now().held + now().retrying == 0);
  publish({{"a", "a:4"}});
  BOOST_TEST(tries.back() == "a:4#1");
  BOOST_TEST(effects_of("a").back() == "a:4");
}

BOOST_AUTO_TEST_CASE(one_poisoned_key_of_a_thousand_delays_nobody) {
  auto messages = of_keys(1000);
  fails = {{"k7:1", failing()}};
  publish(messages);
  for (auto& [key, payload] : messages) payload = key + ":2";
  publish(messages);
  auto began = clock.now();
  start();
  BOOST_TEST((clock.now() == began));
  BOOST_TEST(effects().size() == 2 * 999);
  BOOST_TEST(now().held == 2);
  pass(1h);
  BOOST_TEST(effects().size() == 2 * 999);
  BOOST_TEST(now().parked == 1);
  BOOST_TEST(held_payloads() == (texts{"k7:1", "k7:2"}), per_element());
  fails.clear();
  BOOST_TEST(told([&](auto done) { running->retry("k7", done); }) == status());
  BOOST_TEST(effects_of("k7") == (texts{"k7:1", "k7:2"}), per_element());
}

BOOST_AUTO_TEST_CASE(what_can_never_be_handled_is_parked_at_once) {
  fails = {{"a:1", failing_for_good()}};
  publish({{"a", "a:1"}, {"a", "a:2"}});
  start();
  pass(1h);
  BOOST_TEST(tries == texts{"a:1#1"}, per_element());
  BOOST_TEST(now().parked == 1);
}

BOOST_AUTO_TEST_CASE(what_is_held_back_outlives_a_restart) {
  fails = {{"a:1", failing()}, {"b:1", failing_for_good()}};
  publish({{"a", "a:1"}, {"a", "a:2"}, {"b", "b:1"}});
  start();
  pass(100ms);
  stop();
  fails.clear();
  start();
  BOOST_TEST(now().held == 3);
  BOOST_TEST(now().retrying == 1);
  BOOST_TEST(now().parked == 1);
  publish({{"a", "a:3"}, {"b", "b:2"}});
  BOOST_TEST(effects().empty());
  pass(200ms);
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(held_payloads() == (texts{"b:1", "b:2"}), per_element());
}

BOOST_AUTO_TEST_CASE(nothing_overtakes_a_message_that_is_tried_again) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}});
  start();
  fails.clear();
  holds_all = true;
  pass(100ms);
  BOOST_TEST(hand() == texts{"a:1"}, per_element());
  publish({{"a", "a:2"}, {"a", "a:3"}});
  BOOST_TEST(hand() == texts{"a:1"}, per_element());
  release("a:1");
  BOOST_TEST(hand() == texts{"a:2"}, per_element());
  publish({{"a", "a:4"}});
  release("a:2");
  release("a:3");
  release("a:4");
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "a:3", "a:4"}), per_element());
  publish({{"a", "a:5"}});
  BOOST_TEST(hand() == texts{"a:5"}, per_element());
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_handler_that_fails_is_held_as_well) {
  fails = {{"a:1", failing()}};
  holds = {"a:1"};
  publish({{"a", "a:1"}, {"a", "a:2"}, {"a", "a:3"}});
  start();
  release("a:1");
  BOOST_TEST(tries == texts{"a:1#1"}, per_element());
  BOOST_TEST(held_payloads() == (texts{"a:1", "a:2", "a:3"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_message_behind_it_may_fail_in_its_turn) {
  fails = {{"a:1", failing()}, {"a:2", failing()}};
  publish({{"a", "a:1"}, {"a", "a:2"}, {"a", "a:3"}});
  start();
  fails.erase("a:1");
  pass(100ms);
  BOOST_TEST(tries == (texts{"a:1#1", "a:1#2", "a:2#1"}), per_element());
  BOOST_TEST(held_payloads() == (texts{"a:2", "a:3"}), per_element());
  fails.clear();
  pass(100ms);
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "a:3"}), per_element());
}

BOOST_AUTO_TEST_CASE(what_comes_while_a_queue_empties_keeps_its_place) {
  fails = {{"a:1", failing()}};
  publish({{"a", "a:1"}});
  start();
  fails.clear();
  holds_all = true;
  pass(100ms);
  publish({{"b", "b:1"}});
  // a:2 is read and goes to the queue, but its step is not durable when a:1 is done.
  persistence::step s = mail_only("publisher");
  topics_of(s).messages = {message_of("t", "a", "a:2"), message_of("t", "a", "a:3")};
  submit(std::move(s));
  release("a:1");
  release("a:2");
  release("a:3");
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2", "a:3"}), per_element());
  BOOST_TEST(held().empty());
}

BOOST_AUTO_TEST_CASE(many_keys_are_tried_again_side_by_side) {
  auto messages = of_keys(100);
  for (const auto& [key, payload] : messages) fails[payload] = failing();
  publish(messages);
  bounds.window = 10;
  start();
  fails.clear();
  holds_all = true;
  pass(100ms);
  BOOST_TEST(in_hand.size() == 10);
  while (!in_hand.empty()) release(in_hand.front().payload());
  BOOST_TEST(effects().size() == 100);
  BOOST_TEST(held().empty());
}

BOOST_AUTO_TEST_CASE(a_record_that_is_no_event_is_parked_and_its_key_waits) {
  auto s = mail_only("publisher");
  auto m = message_of("t", "a", "{no json");
  m.content_type = "application/cloudevents+json";
  topics_of(s).messages = {m, message_of("t", "a", "a:2"), message_of("t", "b", "b:1")};
  submit(std::move(s));
  start();
  BOOST_TEST(tries == texts{"b:1#1"}, per_element());
  BOOST_TEST(held_payloads() == (texts{"{no json", "a:2"}), per_element());
  BOOST_TEST(now().parked == 1);
  // It is still none.
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  BOOST_TEST(now().parked == 1);
  BOOST_TEST(held()[0].what.attempts == 2);
  auto number = held()[0].place.number;
  BOOST_TEST(told([&](auto done) { running->skip("a", number, done); }) == status());
  BOOST_TEST(effects() == (texts{"b:1", "a:2"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_message_without_a_key_holds_up_nobody) {
  auto s = mail_only("publisher");
  for (int n = 0; n < 20; ++n) {
    auto m = message_of("t", "", std::to_string(n));
    topics_of(s).messages.push_back(m);
  }
  fails = {{"3", failing_for_good()}};
  submit(std::move(s));
  start();
  BOOST_TEST(effects().size() == 19);
  BOOST_TEST(now().parked == 1);
  BOOST_TEST(held()[0].place.key.find('@') != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_message_that_is_tried_again_is_the_same) {
  auto s = mail_only("publisher");
  s.time = times.next();
  persistence::new_message m{.topic = "t",
                             .key = "a",
                             .id = "cart/a/7",
                             .source = "s",
                             .type = "x.Y",
                             .content_type = "text/plain",
                             .sequence = sequence_nr{7},
                             .payload = std::nullopt,
                             .trace_parent = "00-1",
                             .metadata = {{"user", "ann"}, {"ce-more", "1"}}};
  topics_of(s).messages = {m};
  submit(std::move(s));
  holds_all = true;
  fails = {{"(deleted)", failing()}};
  start();
  auto first = in_hand.at(0).event;
  release("(deleted)");
  pass(100ms);
  auto again = in_hand.at(0).event;
  BOOST_TEST(!again.payload.has_value());
  BOOST_TEST((again.id == first.id && again.source == first.source && again.type == first.type));
  BOOST_TEST((again.subject == first.subject && again.content_type == first.content_type));
  BOOST_TEST((again.sequence == first.sequence && again.time == first.time));
  BOOST_TEST((again.trace_parent == first.trace_parent && again.metadata == first.metadata));
}

BOOST_AUTO_TEST_CASE(no_more_is_read_while_too_much_is_held_back) {
  fails = {{"a:1", failing_for_good()}};
  bounds.held_bytes_max = 10'000;
  bounds.window = 10;
  std::vector<std::pair<std::string, std::string>> messages{{"a", "a:1"}};
  messages.resize(500, {"a", "a:" + std::string(100, 'x')});
  publish(messages);
  start();
  auto in_queue = now().held;
  BOOST_TEST(in_queue > 30);
  BOOST_TEST(in_queue < 100);
  BOOST_TEST(now().problem.find("holds back") != std::string::npos);
  publish({{"b", "b:1"}});
  BOOST_TEST(effects().empty());
  fails.clear();
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  BOOST_TEST(effects().size() == 501);
  BOOST_TEST(now().problem == "");
  BOOST_TEST(held().empty());
}

BOOST_AUTO_TEST_CASE(one_whose_record_is_damaged_is_never_handled) {
  // As the store tells of it.
  persistence::held_message damaged;
  damaged.what.message.key = "a";
  damaged.attempts = 1;
  damaged.retry_at = timestamp::max();
  auto s = mail_only("reader");
  s.time = times.next();
  topics_of(s).held.push_back({{name, "a", 1}, damaged});
  submit(std::move(s));
  start();
  BOOST_TEST(told([&](auto done) { running->retry("a", done); }) == status());
  pass(1h);
  BOOST_TEST(tries.empty());
  BOOST_REQUIRE(held().size() == 1);
  BOOST_TEST(held().front().what.error.find("skipped") != std::string::npos);
  BOOST_TEST(told([&](auto done) { running->skip("a", 1, done); }) == status());
  BOOST_TEST(held().empty());
}

BOOST_AUTO_TEST_CASE(it_reads_on_when_an_error_that_is_shorter_makes_room) {
  fails = {{"a:1", status(status_code::internal, std::string(2000, 'x'))}};
  bounds.held_bytes_max = 1000;
  publish({{"a", "a:1"}});
  start();
  publish({{"b", "b:1"}});
  BOOST_TEST(effects().empty());
  fails = {{"a:1", failing()}};
  pass(100ms);
  BOOST_TEST(now().problem == "");
  BOOST_TEST(effects() == texts{"b:1"}, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
