// Residency and bounds: which entities are in memory, and how much may wait for them.

#include <boost/test/unit_test.hpp>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;

BOOST_FIXTURE_TEST_SUITE(entity_router, test::entity_fixture)

BOOST_AUTO_TEST_CASE(commands_of_different_entities_do_not_wait_for_each_other) {
  auto a = add("a", 1);
  auto b = get("b");
  run();
  BOOST_TEST(!a->came.has_value());
  BOOST_TEST(b->value() == 0);
}

BOOST_AUTO_TEST_CASE(an_idle_entity_is_passivated_and_comes_back) {
  add("a", 5);
  settle();
  BOOST_TEST(router->resident_entities() == 1u);
  advance(limits.idle_max / 2);
  BOOST_TEST(router->resident_entities() == 1u);
  advance(limits.idle_max);
  BOOST_TEST(router->resident_entities() == 0u);
  BOOST_TEST(value_of("a") == 5);
  BOOST_TEST(store.loads == 2);
}

BOOST_AUTO_TEST_CASE(use_keeps_an_entity_resident) {
  add("a", 5);
  add("b", 5);
  settle();
  for (int i = 0; i < 6; ++i) {
    advance(limits.idle_max / 3);
    value_of("a");
  }
  BOOST_TEST(router->resident_entities() == 1u);
  BOOST_TEST(store.loads == 2);  // one for each: "a" never left
}

BOOST_AUTO_TEST_CASE(past_the_cap_the_entity_unused_for_longest_leaves) {
  limits.resident_entities_max = 2;
  start();
  value_of("a");
  value_of("b");
  value_of("a");
  value_of("c");  // "b" leaves
  BOOST_TEST(router->resident_entities() == 2u);
  auto loads = store.loads;
  value_of("a");
  BOOST_TEST(store.loads == loads);
  value_of("b");
  BOOST_TEST(store.loads == loads + 1);
}

BOOST_AUTO_TEST_CASE(an_entity_with_a_command_under_way_is_not_passivated) {
  limits.resident_entities_max = 1;
  start();
  auto a = add("a", 1);
  run();
  auto b = add("b", 1);
  run();
  BOOST_TEST(router->resident_entities() == 2u);
  advance(limits.idle_max * 2);
  BOOST_TEST(router->resident_entities() == 2u);
  commit();
  BOOST_TEST(a->value() == 1);
  BOOST_TEST(b->value() == 1);
}

BOOST_AUTO_TEST_CASE(a_full_mailbox_pushes_back_and_others_go_on) {
  limits.mailbox_bytes_max = 10'000;
  start();
  std::vector<test::reply_ptr> replies;
  for (int i = 0; i < 100; ++i) replies.push_back(add("a", 1));
  BOOST_TEST((replies.back()->code() == status_code::resource_exhausted));
  auto other = add("b", 1);
  settle();
  BOOST_TEST(other->value() == 1);
  auto accepted =
      std::ranges::count_if(replies, [](const auto& r) { return r->code() == status_code::ok; });
  BOOST_TEST(accepted > 0);
  BOOST_TEST(value_of("a") == accepted);  // refused means nothing happened
  BOOST_TEST(router->in_flight_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(replies_that_wait_for_the_disk_count) {
  limits.mailbox_bytes_max = 1 << 20;
  start();
  test::counter::AddRequest large;
  large.set_counter_id("a");
  large.set_padding(std::string(2 << 20, 'x'));
  auto first = send("Add", large);
  run();
  BOOST_TEST(router->in_flight_bytes() > std::size_t{4 << 20});  // the command and its step
  std::vector<test::reply_ptr> later;
  for (int i = 0; i < 3; ++i) later.push_back(add("b", 1));
  auto same = get("a");
  BOOST_TEST((same->code() == status_code::resource_exhausted));
  settle();
  BOOST_TEST(first->came.has_value());
  BOOST_TEST(later.back()->value() == 3);
  BOOST_TEST(router->in_flight_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(an_entity_whose_steps_fill_its_bound_waits_for_the_disk) {
  limits.mailbox_bytes_max = 100'000;
  start();
  test::counter::AddRequest many;  // a small request that makes a large step
  many.set_counter_id("a");
  many.set_amount(1);
  many.set_times(2'000);
  send("Add", many);
  run();
  auto of_one = router->in_flight_bytes();
  settle();
  std::vector<test::reply_ptr> replies;
  for (int i = 0; i < 5; ++i) replies.push_back(send("Add", many));
  run();
  BOOST_TEST(router->in_flight_bytes() < 2 * of_one);
  settle();
  for (int i = 0; i < 5; ++i) BOOST_TEST(replies[i]->value() == (i + 2) * 2'000);
}

BOOST_AUTO_TEST_CASE(a_command_over_the_bound_gets_through_alone) {
  limits.mailbox_bytes_max = 1'000;
  start();
  test::counter::AddRequest large;
  large.set_counter_id("a");
  large.set_padding(std::string(5'000, 'x'));
  for (int i = 0; i < 2; ++i) {
    auto accepted = send("Add", large);
    settle();
    BOOST_TEST((accepted->code() == status_code::ok));
  }
}

BOOST_AUTO_TEST_CASE(metadata_count) {
  limits.in_flight_bytes_max = 5'000;
  start();
  test::counter::GetRequest request;
  request.set_counter_id("a");
  auto c = command_for("Get", request);
  c.metadata.emplace("name", std::string(10'000, 'x'));
  BOOST_TEST((send(std::move(c))->code() == status_code::resource_exhausted));
}

BOOST_AUTO_TEST_CASE(entities_over_the_cap_leave_when_they_are_answered) {
  limits.resident_entities_max = 2;
  start();
  for (int i = 0; i < 5; ++i) add("c" + std::to_string(i), 1);
  BOOST_TEST(router->resident_entities() == 5u);
  settle();
  BOOST_TEST(router->resident_entities() == 2u);
}

BOOST_AUTO_TEST_CASE(too_much_in_flight_pushes_back_until_it_is_answered) {
  limits.in_flight_bytes_max = 5'000;
  start();
  std::vector<test::reply_ptr> replies;
  for (int i = 0; i < 50; ++i) replies.push_back(add("c" + std::to_string(i), 1));
  BOOST_TEST((replies.back()->code() == status_code::resource_exhausted));
  settle();
  auto again = add("z", 1);
  settle();
  BOOST_TEST(again->value() == 1);
}

BOOST_AUTO_TEST_CASE(a_router_that_drains_answers_what_it_accepted_and_refuses_the_rest) {
  auto accepted = add("a", 1);
  BOOST_TEST(!router->drain(0ms));
  auto refused = add("a", 1);
  BOOST_TEST((refused->code() == status_code::unavailable));
  settle();
  BOOST_TEST(accepted->value() == 1);
  BOOST_TEST(router->drain(0ms));
}

BOOST_AUTO_TEST_SUITE_END()
