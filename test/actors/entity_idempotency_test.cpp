// A command with an idempotency key takes effect once, and its retries get the recorded reply.

#include <boost/test/unit_test.hpp>

#include "test/actors/entity_fixture.hpp"

using perdure::status_code;
using fault = test::faulty_step_store::fault;

BOOST_FIXTURE_TEST_SUITE(entity_idempotency, test::entity_fixture)

BOOST_AUTO_TEST_CASE(a_retried_command_is_answered_but_not_applied_twice) {
  auto first = add("a", 5, "key-1");
  settle();
  add("a", 1);
  auto retried = add("a", 5, "key-1");
  settle();
  BOOST_TEST(first->value() == 5);
  BOOST_TEST(retried->value() == 5);  // the recorded reply, not the value now
  BOOST_TEST(value_of("a") == 6);
}

BOOST_AUTO_TEST_CASE(a_retry_while_the_first_is_in_flight_waits_for_it) {
  auto first = add("a", 5, "key-1");
  auto retried = add("a", 5, "key-1");
  run();
  BOOST_TEST(!retried->came.has_value());
  settle();
  BOOST_TEST(first->value() == 5);
  BOOST_TEST(retried->value() == 5);
  BOOST_TEST(value_of("a") == 5);
}

BOOST_AUTO_TEST_CASE(a_retry_whose_first_fails_in_flight_fails_with_it) {
  store.next_commit = fault::lost;
  auto first = add("a", 5, "key-1");
  auto retried = add("a", 5, "key-1");
  settle();
  BOOST_TEST((first->code() == status_code::unavailable));
  BOOST_TEST((retried->code() == status_code::unavailable));
  BOOST_TEST(value_of("a") == 0);
}

// The first try fails in the very moment in which its retry is being looked at.
BOOST_AUTO_TEST_CASE(a_retry_that_meets_the_failure_of_its_first_takes_effect_once) {
  store.next_commit = fault::shows_later;
  add("a", 5, "key-1");
  run();
  clock.when_read = [this] { commit(); };
  auto retried = add("a", 5, "key-1");
  settle();
  BOOST_TEST(value_of("a") == 5);
}

BOOST_AUTO_TEST_CASE(a_retry_after_what_failed_shows_after_all_is_answered_from_it) {
  store.next_commit = fault::shows_later;
  add("a", 5, "key-1");
  settle();
  BOOST_TEST(value_of("a") == 0);
  add("b", 1);  // the store heals
  settle();
  auto retried = add("a", 5, "key-1");
  settle();
  BOOST_TEST(retried->value() == 5);
  BOOST_TEST(value_of("a") == 5);
}

BOOST_AUTO_TEST_CASE(a_retry_after_a_restart_gets_the_recorded_reply) {
  add("a", 5, "key-1");
  start();
  auto retried = add("a", 5, "key-1");
  settle();
  BOOST_TEST(retried->value() == 5);
  BOOST_TEST(value_of("a") == 5);
}

BOOST_AUTO_TEST_CASE(a_key_with_another_payload_is_refused) {
  add("a", 5, "key-1");
  auto in_flight = add("a", 6, "key-1");
  settle();
  auto stored = add("a", 6, "key-1");
  settle();
  BOOST_TEST((in_flight->code() == status_code::invalid_argument));
  BOOST_TEST((stored->code() == status_code::invalid_argument));
  BOOST_TEST(value_of("a") == 5);
}

BOOST_AUTO_TEST_CASE(a_key_is_scoped_to_entity_and_method) {
  add("a", 5, "key-1");
  add("b", 5, "key-1");
  subtract("a", 2, "key-1");
  settle();
  BOOST_TEST(value_of("a") == 3);
  BOOST_TEST(value_of("b") == 5);
}

BOOST_AUTO_TEST_CASE(a_rejected_command_may_be_tried_again_with_its_key) {
  auto rejected = subtract("a", 2, "key-1");
  add("a", 5);
  auto retried = subtract("a", 2, "key-1");
  settle();
  BOOST_TEST((rejected->code() == status_code::failed_precondition));
  BOOST_TEST(retried->value() == 3);
}

BOOST_AUTO_TEST_CASE(a_key_is_forgotten_after_its_retention) {
  add("a", 5, "key-1");
  settle();
  clock.advance(limits.idempotency_retention + std::chrono::seconds{1});
  add("a", 5, "key-1");
  settle();
  BOOST_TEST(value_of("a") == 10);
}

BOOST_AUTO_TEST_CASE(a_keyed_retry_after_an_unknown_outcome_takes_effect_once) {
  store.next_commit = fault::stored_but_failed;
  add("a", 3, "key-1");
  settle();
  auto retried = add("a", 3, "key-1");
  settle();
  BOOST_TEST(retried->value() == 3);
  BOOST_TEST(value_of("a") == 3);
}

BOOST_AUTO_TEST_SUITE_END()
