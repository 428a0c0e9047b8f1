// A subscription that goes well: each message once, in order per key, many side by side.

#include <boost/test/unit_test.hpp>

#include <string>

#include "test/pubsub/subscription_fixture.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(subscription, subscription_fixture)

BOOST_AUTO_TEST_CASE(each_message_takes_effect_once_and_in_order_per_key) {
  publish({{"a", "a:1"}, {"b", "b:1"}, {"a", "a:2"}});
  start();
  publish({{"a", "a:3"}, {"b", "b:2"}});
  BOOST_TEST(effects_of("a") == (texts{"a:1", "a:2", "a:3"}), boost::test_tools::per_element());
  BOOST_TEST(effects_of("b") == (texts{"b:1", "b:2"}), boost::test_tools::per_element());
  BOOST_TEST(committed == effects(), boost::test_tools::per_element());
  BOOST_TEST(now().lag == 0);
  BOOST_TEST(now().handled == 5);
  BOOST_TEST(now().problem == "");
}

BOOST_AUTO_TEST_SUITE_END()
