// The testkit must fail when an expectation does not hold: each verb is seen to.

#include "perdure/testkit.hpp"

#include <boost/test/unit_test.hpp>

#include "test/actors/counter.hpp"

using perdure::status_code;
using perdure::testkit_failure;
using namespace test::counter;
using kit = perdure::testkit<test::counter::counter>;

namespace {

AddRequest add(std::int64_t amount) {
  AddRequest request;
  request.set_amount(amount);
  return request;
}

SubtractRequest subtract(std::int64_t amount) {
  SubtractRequest request;
  request.set_amount(amount);
  return request;
}

Added added(std::int64_t amount) {
  Added event;
  event.set_amount(amount);
  return event;
}

Value value(std::int64_t n) {
  Value reply;
  reply.set_value(n);
  return reply;
}

CounterState state(std::int64_t n) {
  CounterState made;
  made.set_value(n);
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testkit)

BOOST_AUTO_TEST_CASE(expectations_that_hold_pass) {
  kit("a")
      .given(added(2), added(3))
      .when(add(4))
      .then_emits(added(4))
      .then_replies(value(9))
      .then_state(state(9))
      .when(subtract(10))
      .then_rejects(status_code::failed_precondition, "the value is only 9")
      .then_state(state(9))
      .when(GetRequest{})
      .then_emits_nothing()
      .then_replies(value(9));
}

BOOST_AUTO_TEST_CASE(other_events_than_expected_fail) {
  BOOST_CHECK_THROW(kit("a").when(add(4)).then_emits(added(5)), testkit_failure);
  BOOST_CHECK_THROW(kit("a").when(add(4)).then_emits(added(4), added(4)), testkit_failure);
  BOOST_CHECK_THROW(kit("a").when(add(4)).then_emits_nothing(), testkit_failure);
  BOOST_CHECK_THROW(kit("a").when(add(4)).then_emits(Poisoned{}), testkit_failure);
}

BOOST_AUTO_TEST_CASE(another_reply_than_expected_fails) {
  BOOST_CHECK_THROW(kit("a").when(add(4)).then_replies(value(5)), testkit_failure);
  BOOST_CHECK_THROW(kit("a").when(add(4)).then_replies(Description{}), testkit_failure);
}

BOOST_AUTO_TEST_CASE(another_state_than_expected_fails) {
  BOOST_CHECK_THROW(kit("a").when(add(4)).then_state(state(5)), testkit_failure);
}

BOOST_AUTO_TEST_CASE(a_rejection_is_neither_events_nor_a_reply) {
  BOOST_CHECK_THROW(kit("a").when(subtract(1)).then_emits_nothing(), testkit_failure);
  BOOST_CHECK_THROW(kit("a").when(subtract(1)).then_replies(value(0)), testkit_failure);
  BOOST_CHECK_THROW(kit("a").when(add(1)).then_rejects(status_code::failed_precondition),
                    testkit_failure);
  BOOST_CHECK_THROW(kit("a").when(subtract(1)).then_rejects(status_code::not_found),
                    testkit_failure);
  BOOST_CHECK_THROW(
      kit("a").when(subtract(1)).then_rejects(status_code::failed_precondition, "another text"),
      testkit_failure);
}

BOOST_AUTO_TEST_CASE(a_failure_says_what_was_expected_and_what_came) {
  try {
    kit("a").when(add(4)).then_emits(added(5));
    BOOST_FAIL("no failure");
  } catch (const testkit_failure& failure) {
    BOOST_TEST(std::string(failure.what()) ==
               "events: expected [Added { amount: 5 }], came [Added { amount: 4 }]");
  }
}

BOOST_AUTO_TEST_CASE(a_command_may_be_named_by_its_rpc) {
  kit("a").when("Add", add(4)).then_replies(value(4));
  BOOST_CHECK_THROW(kit("a").when("Subtract", add(4)), testkit_failure);
  BOOST_CHECK_THROW(kit("a").when("Ad", add(4)), testkit_failure);
}

BOOST_AUTO_TEST_CASE(a_handler_sees_its_context) {
  Description expected;
  expected.set_entity_id("a");
  expected.set_sequence(1);
  expected.set_tenant("acme");
  kit("a")
      .given(added(1))
      .with_metadata("tenant", "acme")
      .when(DescribeRequest{})
      .then_replies(expected);
}

BOOST_AUTO_TEST_CASE(a_reply_function_sees_the_context_after_the_events) {
  Description expected;
  expected.set_entity_id("a");
  expected.set_sequence(1);
  kit("a").when(TagRequest{}).then_replies(expected);
}

BOOST_AUTO_TEST_CASE(a_rejection_with_code_ok_is_a_rejection_all_the_same) {
  perdure::effect<Value> refused = perdure::rejection{perdure::status()};
  BOOST_TEST((std::move(refused).erase().rejection.code() == status_code::unknown));
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_passes_through) {
  BOOST_CHECK_THROW(kit("a").when(ThrowRequest{}), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
