#include "actors/handler_pace.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using pace = perdure::actors::handler_pace;

namespace {

const pace::time_point now{1h};

void teach(pace& one, pace::duration each, int commands) {
  for (int i = 0; i < commands; ++i) one.took(each, now);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(handler_pace)

BOOST_AUTO_TEST_CASE(what_was_never_seen_is_taken_for_slow) { BOOST_TEST(!pace().is_quick(now)); }

BOOST_AUTO_TEST_CASE(quick_commands_make_it_quick) {
  pace one;
  teach(one, 5us, 2);
  BOOST_TEST(one.is_quick(now));
}

BOOST_AUTO_TEST_CASE(one_command_that_took_a_little_longer_does_not_turn_it) {
  pace one;
  teach(one, 5us, 100);
  one.took(10ms, now);
  BOOST_TEST(one.is_quick(now));
}

BOOST_AUTO_TEST_CASE(a_few_slow_commands_turn_it_and_quick_ones_turn_it_back) {
  pace one;
  teach(one, 5us, 100);
  teach(one, 5ms, 8);
  BOOST_TEST(!one.is_quick(now));
  teach(one, 5us, 100);
  BOOST_TEST(one.is_quick(now));
}

BOOST_AUTO_TEST_CASE(one_that_held_a_thread_up_makes_it_slow_for_long) {
  pace one;
  teach(one, 5us, 100);
  one.took(pace::held_up_min, now);
  teach(one, 5us, 10'000);
  BOOST_TEST(!one.is_quick(now + pace::held_up_lasts - 1s));
  BOOST_TEST(one.is_quick(now + pace::held_up_lasts));
}

BOOST_AUTO_TEST_SUITE_END()
