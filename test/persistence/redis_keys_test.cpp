// The names of keys in Redis, as docs/formats.md shows them.

#include "persistence/redis_keys.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace perdure;
using namespace perdure::persistence;
using namespace std::string_literals;

namespace {
using keys_of_shard = perdure::persistence::redis_keys;  // not the suite
}

BOOST_AUTO_TEST_SUITE(redis_keys)

BOOST_AUTO_TEST_CASE(names_are_those_of_the_document) {
  keys_of_shard keys(shard_id{7});
  entity_key entity{"cart", "c1"};
  BOOST_TEST(redis_store_key == "perdure:store");
  BOOST_TEST(keys.shard() == "perdure:{7}:shard");
  BOOST_TEST(keys.log() == "perdure:{7}:log");
  BOOST_TEST(keys.outbox() == "perdure:{7}:outbox");
  BOOST_TEST(keys.entity(entity) == "perdure:{7}:entity:4:cart:c1");
  BOOST_TEST(keys.events(entity) == "perdure:{7}:events:4:cart:c1");
  BOOST_TEST(keys.reply(entity, {"m.A", "k"}) == "perdure:{7}:reply:4:cart:2:c1:3:m.A:k");
  BOOST_TEST(keys.outcome(entity, "id") == "perdure:{7}:outcome:4:cart:2:c1:id");
  BOOST_TEST(redis_stream_id(258) == "258-0");
}

BOOST_AUTO_TEST_CASE(different_scopes_have_different_names) {
  keys_of_shard keys(shard_id{0});
  std::set<std::string> names;
  std::size_t count = 0;
  for (const auto& a : {"a"s, "a:"s, "1:a"s, ":"s, "a\0"s}) {
    for (const auto& b : {"b"s, ":b"s, "1:b:"s, "b\0"s, ""s}) {
      for (const auto& c : {"c"s, ":c"s, "1:c:"s}) {
        names.insert(keys.reply({a, b}, {c, "k"}));
        names.insert(keys.reply({a, "x"}, {b, c}));
        count += 2;
      }
    }
  }
  BOOST_TEST(names.size() == count);
}

BOOST_AUTO_TEST_CASE(a_name_is_printed_as_ascii) {
  BOOST_TEST(printable("a:\0\xff"s) == "a:\\x00\\xff");
}

BOOST_AUTO_TEST_SUITE_END()
