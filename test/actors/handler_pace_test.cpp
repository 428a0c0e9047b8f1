#include "actors/handler_pace.hpp"

#include <boost/test/unit_test.hpp>

using namespace perdure::actors;
using namespace std::chrono_literals;

namespace {

void teach(handler_pace& pace, handler_pace::duration each, int commands) {
  for (int i = 0; i < commands; ++i) pace.took(each);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(handler_pace)

BOOST_AUTO_TEST_CASE(what_was_never_seen_is_taken_for_slow) {
  BOOST_TEST(!perdure::actors::handler_pace().is_quick());
}

BOOST_AUTO_TEST_CASE(quick_commands_make_it_quick) {
  perdure::actors::handler_pace pace;
  teach(pace, 5us, 2);
  BOOST_TEST(pace.is_quick());
}

BOOST_AUTO_TEST_CASE(one_command_that_took_long_does_not_turn_it) {
  perdure::actors::handler_pace pace;
  teach(pace, 5us, 100);
  pace.took(10s);
  BOOST_TEST(pace.is_quick());
}

BOOST_AUTO_TEST_CASE(a_few_slow_commands_turn_it_and_quick_ones_turn_it_back) {
  perdure::actors::handler_pace pace;
  teach(pace, 5us, 100);
  teach(pace, 5ms, 8);
  BOOST_TEST(!pace.is_quick());
  teach(pace, 5us, 100);
  BOOST_TEST(pace.is_quick());
}

BOOST_AUTO_TEST_SUITE_END()
