#include "gateway/http_prefer.hpp"

#include <boost/test/unit_test.hpp>

using namespace perdure;
using namespace perdure::gateway;

BOOST_AUTO_TEST_SUITE(http_prefer)

BOOST_AUTO_TEST_CASE(respond_async_is_found_however_it_is_written) {
  for (auto text :
       {"respond-async", "Respond-Async", " respond-async\t", "respond-async, wait=10",
        "wait=10,respond-async", "handling=lenient , respond-async;foo=bar", "respond-async;",
        "respond-async ; a ; b=\"c\"", "respond-async=\"\"", "respond-async =", ",, respond-async",
        "foo=\"a, b\", respond-async", "foo=\"a \\\" , b\", respond-async"}) {
    BOOST_TEST(prefers_respond_async({{"prefer", text}}), text);
  }
  BOOST_TEST(prefers_respond_async({{"prefer", "return=minimal"}, {"prefer", "respond-async"}}));
}

BOOST_AUTO_TEST_CASE(other_preferences_and_what_is_malformed_are_ignored) {
  for (auto text : {"", ",", ";", "=", "\"", "return=minimal", "respond-asynchronously",
                    "respond async", "respond-async=5", "respond-async=no", "x;respond-async",
                    "x=respond-async", "\"respond-async\"", "foo=\"a, respond-async\"",
                    "foo=\"a, respond-async", "foo=\"a \\\", respond-async\"", "foo=\"\\"}) {
    BOOST_TEST(!prefers_respond_async({{"prefer", text}}), text);
  }
  BOOST_TEST(!prefers_respond_async({}));
  BOOST_TEST(!prefers_respond_async({{"x-prefer", "respond-async"}}));
}

BOOST_AUTO_TEST_SUITE_END()
