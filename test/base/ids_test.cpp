// Sharding agrees with Kafka's default partitioning: the numbers are what Kafka's Java client gives
// for these keys, so they must never change.

#include "base/ids.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace perdure;

namespace {

struct hashed_key {
  std::string_view key;
  std::int32_t murmur2;
};

constexpr hashed_key known[] = {
    {"21", -973932308},
    {"foobar", -790332482},
    {"a-little-bit-long-string", -985981536},
    {"a-little-bit-longer-string", -1486304829},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    {"abc", 479470107},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ids)

BOOST_AUTO_TEST_CASE(an_id_goes_to_the_shard_that_kafka_would_choose) {
  for (const auto& [key, murmur2] : known) {
    auto positive = static_cast<std::uint32_t>(murmur2) & 0x7fffffffu;
    for (std::uint32_t shards : {1u, 2u, 16u, 17u, 1000u, 0x7fffffffu}) {
      BOOST_TEST_CONTEXT(key << " of " << shards) {
        BOOST_TEST(value(shard_of(key, shards)) == positive % shards);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(bytes_above_127_are_hashed_as_unsigned) {
  // MurmurHash2 worked out apart from our code, once, for tails of one, two and three such bytes.
  BOOST_TEST(value(shard_of("\xff", 0x7fffffffu)) == 1836015963u);
  BOOST_TEST(value(shard_of("\xc3\xa9", 0x7fffffffu)) == 186971271u);
  BOOST_TEST(value(shard_of("\xe2\x82\xac", 0x7fffffffu)) == 795291646u);
}

BOOST_AUTO_TEST_CASE(ids_spread_evenly_over_the_shards) {
  std::vector<int> count(16);
  for (int i = 0; i < 16'000; ++i) ++count[value(shard_of("cart-" + std::to_string(i), 16))];
  for (int n : count) {
    BOOST_TEST(n > 800);
    BOOST_TEST(n < 1200);
  }
}

BOOST_AUTO_TEST_CASE(an_entity_key_is_shown_as_type_and_id) {
  BOOST_TEST(to_string(entity_key{"shopping-cart", "cart-1"}) == "shopping-cart/cart-1");
}

BOOST_AUTO_TEST_SUITE_END()
