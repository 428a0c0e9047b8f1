// Sizes and partitions of what is published.

#include "persistence/topic.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "persistence/mail.hpp"

using namespace perdure;
using namespace perdure::persistence;

BOOST_AUTO_TEST_SUITE(topic)

BOOST_AUTO_TEST_CASE(the_key_decides_the_partition_or_else_the_id) {
  new_message m;
  m.key = "N101";
  m.id = "N101:5";
  BOOST_TEST(partition_of(m, 16) == value(shard_of("N101", 16)));
  m.key.clear();
  BOOST_TEST(partition_of(m, 16) == value(shard_of("N101:5", 16)));
}

BOOST_AUTO_TEST_CASE(what_a_step_publishes_and_holds_counts_to_its_size) {
  const std::string large(1000, 'x');
  auto grows_by = [&](auto change) {
    mail_effects e;
    auto before = bytes_of(e);
    change(e.topics);
    return bytes_of(e) - before;
  };
  new_message m;
  m.payload = large;
  m.metadata = {{"name", large}};
  BOOST_TEST(grows_by([&](topic_effects& e) { e.messages = {m, m}; }) >= 4000);
  BOOST_TEST(grows_by([&](topic_effects& e) { e.cursors = {{large, 0, {}, {}}}; }) >= 1000);
  BOOST_TEST(grows_by([&](topic_effects& e) { e.seen = {{"r", large, 0}}; }) >= 1000);
  BOOST_TEST(grows_by([&](topic_effects& e) {
               e.held = {{{"r", "k", 1}, held_message{0, {m, {}, {}}, 1, {}, {}, large}}};
             }) >= 3000);
}

BOOST_AUTO_TEST_SUITE_END()
