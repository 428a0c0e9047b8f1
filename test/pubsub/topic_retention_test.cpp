// Embedded topics keep what they are told to.

#include <boost/test/unit_test.hpp>

#include <string>

#include "persistence/memory_step_store.hpp"
#include "pubsub/topic_retention.hpp"
#include "test/persistence/topic_samples.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

namespace {

struct fixture {
  persistence::memory_step_store store{1};

  void publish(const std::string& topic, const std::string& payload, timestamp time) {
    auto s = mail_only("publisher");
    s.time = {static_cast<std::uint64_t>(time.time_since_epoch().count()) << 16};
    topics_of(s).messages = {message_of(topic, "a", payload)};
    BOOST_REQUIRE(commit(store, s) == status());
  }
  texts left(const std::string& topic) {
    return payloads_of(messages_in(store, topic, 0, value(store.bounds(topic, 0).first)));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(topic_retention, fixture)

BOOST_AUTO_TEST_CASE(what_is_too_old_goes) {
  for (int n = 1; n <= 5; ++n) publish("t", std::to_string(n), timestamp{1h * n});
  publish("u", "1", timestamp{5h});
  pubsub::topic_retention retention(store, {.age_max = 2h, .partition_bytes_max = 1 << 20});
  BOOST_TEST(retention.run(timestamp{5h}) == status());
  BOOST_TEST(left("t") == (texts{"3", "4", "5"}), per_element());
  BOOST_TEST(left("u") == texts{"1"}, per_element());
  BOOST_TEST(retention.run(timestamp{5h} + 1ms) == status());
  BOOST_TEST(left("t") == (texts{"4", "5"}), per_element());
  BOOST_TEST(retention.run(timestamp{100h}) == status());
  BOOST_TEST(left("t").empty());
  publish("t", "6", timestamp{100h});
  BOOST_TEST(left("t") == texts{"6"}, per_element());
}

BOOST_AUTO_TEST_CASE(what_is_too_much_goes_from_the_oldest_on) {
  for (int n = 0; n < 100; ++n) publish("t", std::to_string(n), timestamp{1h});
  auto all = *store.bytes_from("t", 0, topic_offset{0});
  for (auto kept : {100, 60, 10, 1, 0}) {
    auto bytes = *store.bytes_from("t", 0, topic_offset(100 - kept));
    BOOST_REQUIRE(bytes <= all);
    pubsub::topic_retention retention(store, {.age_max = 1h, .partition_bytes_max = bytes});
    BOOST_TEST(retention.run(timestamp{1h}) == status());
    BOOST_TEST(left("t").size() == kept);
  }
}

BOOST_AUTO_TEST_CASE(one_topic_alone) {
  publish("t", "1", timestamp{1h});
  publish("u", "1", timestamp{1h});
  pubsub::topic_retention retention(store, {.age_max = 1h, .partition_bytes_max = 0, .only = "u"});
  BOOST_TEST(retention.run(timestamp{1h}) == status());
  BOOST_TEST(left("t") == texts{"1"}, per_element());
  BOOST_TEST(left("u").empty());
}

BOOST_AUTO_TEST_CASE(nothing_goes_that_may_stay) {
  publish("t", "1", timestamp{});
  pubsub::topic_retention retention(
      store, {.age_max = 24h * 365 * 100, .partition_bytes_max = UINT64_MAX});
  BOOST_TEST(retention.run(timestamp{1h}) == status());
  BOOST_TEST(left("t") == texts{"1"}, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
