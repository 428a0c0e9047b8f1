#include "actors/fingerprint.hpp"

#include <boost/test/unit_test.hpp>

#include "counter.pb.h"

BOOST_AUTO_TEST_SUITE(fingerprint)

BOOST_AUTO_TEST_CASE(equal_requests_have_equal_fingerprints) {
  test::counter::AddRequest a, b;
  a.set_counter_id("x");
  a.set_amount(3);
  BOOST_REQUIRE(b.ParseFromString(a.SerializeAsString()));
  BOOST_TEST(perdure::actors::fingerprint_of(a) == perdure::actors::fingerprint_of(b));
  b.set_amount(4);
  BOOST_TEST(perdure::actors::fingerprint_of(a) != perdure::actors::fingerprint_of(b));
}

// Stored with replies, so it must not change between versions: XXH3_64bits of the 5 bytes
// 0a 01 78 10 03.
BOOST_AUTO_TEST_CASE(a_fingerprint_never_changes) {
  test::counter::AddRequest request;
  request.set_counter_id("x");
  request.set_amount(3);
  BOOST_TEST(perdure::actors::fingerprint_of(request) == 14197429548806727426u);
}

BOOST_AUTO_TEST_SUITE_END()
