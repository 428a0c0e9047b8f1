// Timers of entities, in virtual time.

#include <boost/test/unit_test.hpp>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using test::entity_fixture;
using fault = test::faulty_step_store::fault;
using texts = std::vector<std::string>;

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(texts)

namespace {

struct timers_fixture : entity_fixture {
  test::reply_ptr remind(const std::string& name, std::chrono::milliseconds delay,
                         const std::string& text, std::chrono::milliseconds period = {}) {
    test::desk::RemindRequest request;
    request.set_desk_id("a");
    request.set_name(name);
    request.set_delay_ms(delay.count());
    request.set_period_ms(period.count());
    request.set_text(text);
    auto reply = to_desk("Remind", request);
    settle();
    return reply;
  }

  void forget(const std::string& name) {
    test::desk::DeskRequest request;
    request.set_desk_id("a");
    request.set_name(name);
    to_desk("Forget", request);
    settle();
  }

  void pass_time(std::chrono::milliseconds by) {
    advance(by);
    settle();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(entity_timers, timers_fixture)

BOOST_AUTO_TEST_CASE(a_timer_fires_when_it_is_due_and_not_before) {
  remind("t", 5s, "rang");
  pass_time(4999ms);
  BOOST_TEST(notes_of("a") == texts{});
  pass_time(1ms);
  BOOST_TEST(notes_of("a") == (texts{"rang"}));
  pass_time(10min);
  BOOST_TEST(notes_of("a") == (texts{"rang"}));
}

BOOST_AUTO_TEST_CASE(timers_of_different_names_go_by_themselves) {
  remind("late", 3min, "late");
  remind("early", 2s, "early");
  pass_time(2s);
  BOOST_TEST(notes_of("a") == (texts{"early"}));
  pass_time(1min);
  pass_time(1min);
  pass_time(1min);
  BOOST_TEST(notes_of("a") == (texts{"early", "late"}));
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_started_anew_forgets_when_it_was_due) {
  remind("t", 5s, "first");
  pass_time(4s);
  remind("t", 5s, "second");
  pass_time(4s);
  BOOST_TEST(notes_of("a") == texts{});
  pass_time(1s);
  BOOST_TEST(notes_of("a") == (texts{"second"}));
}

BOOST_AUTO_TEST_CASE(a_cancelled_timer_does_not_fire) {
  remind("t", 5s, "rang");
  forget("t");
  forget("never there");
  pass_time(1min);
  BOOST_TEST(notes_of("a") == texts{});
}

BOOST_AUTO_TEST_CASE(a_periodic_timer_fires_until_it_is_cancelled) {
  remind("t", 1s, "tick", 2s);
  pass_time(1s);
  pass_time(2s);
  pass_time(2s);
  BOOST_TEST(notes_of("a") == (texts{"tick", "tick", "tick"}));
  forget("t");
  pass_time(1min);
  BOOST_TEST(notes_of("a").size() == 3u);
}

BOOST_AUTO_TEST_CASE(periods_that_passed_while_nothing_ran_are_left_out) {
  remind("t", 1s, "tick", 1s);
  clock.advance(1h);
  start();
  settle();
  BOOST_TEST(notes_of("a") == (texts{"tick"}));
}

BOOST_AUTO_TEST_CASE(a_timer_that_was_due_while_nothing_ran_fires_at_the_next_start) {
  remind("t", 1s, "rang");
  clock.advance(1h);
  start();
  settle();
  BOOST_TEST(notes_of("a") == (texts{"rang"}));
}

BOOST_AUTO_TEST_CASE(a_timer_fires_once_though_the_commit_of_it_fails) {
  for (auto what : {fault::lost, fault::stored_but_failed}) {
    remind("t", 1s, "rang");
    advance(1s);
    store.next_commit = what;
    settle();
    pass_time(1min);
  }
  BOOST_TEST(notes_of("a") == (texts{"rang", "rang"}));
}

BOOST_AUTO_TEST_CASE(a_timer_wakes_an_entity_that_has_left_memory) {
  remind("t", 1h, "rang");
  for (int i = 0; i < 60; ++i) pass_time(1min);
  BOOST_TEST(notes_of("a") == (texts{"rang"}));
}

BOOST_AUTO_TEST_CASE(many_timers_due_at_once_all_fire) {
  for (int i = 0; i < 1200; ++i) remind(std::to_string(i), 1s, "rang");
  pass_time(1s);
  pass_time(1s);
  pass_time(1s);
  BOOST_TEST(notes_of("a").size() == 1200u);
}

BOOST_AUTO_TEST_CASE(a_name_or_time_that_no_timer_can_have_is_refused) {
  BOOST_TEST((remind("", 1s, "x")->code() == status_code::invalid_argument));
  BOOST_TEST((remind(std::string(257, 'n'), 1s, "x")->code() == status_code::invalid_argument));
  BOOST_TEST((remind("perdure.mine", 1s, "x")->code() == status_code::invalid_argument));
  BOOST_TEST((remind("t", -1ms, "x")->code() == status_code::invalid_argument));
  BOOST_TEST((remind("t", 1s, "x", -1ms)->code() == status_code::invalid_argument));
  BOOST_TEST((remind(std::string(256, 'n'), 1s, "x")->code() == status_code::ok));
}

BOOST_AUTO_TEST_SUITE_END()
