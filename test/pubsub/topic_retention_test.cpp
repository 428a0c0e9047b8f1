#include "pubsub/topic_retention.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "persistence/memory_step_store.hpp"

namespace {

using namespace std::chrono_literals;
using perdure::topic_offset;
using retention = perdure::pubsub::topic_retention;

constexpr auto no_bound = std::numeric_limits<std::uint64_t>::max();

struct one_topic {
  perdure::manual_clock clock;
  perdure::hybrid_clock times{clock};
  perdure::persistence::memory_step_store store{1};

  void publish(const std::string& payload) {
    perdure::persistence::step s;
    s.entity = {"publisher", "one"};
    s.kind = perdure::persistence::step_kind::mail_only;
    s.time = times.next();
    s.mail = std::make_shared<perdure::persistence::mail_effects>();
    s.mail->topics.messages.push_back(
        {.topic = "news", .key = "k", .id = payload, .payload = payload});
    BOOST_TEST_REQUIRE(store.commit({&s, 1}).front().ok());
  }

  // Offsets of the first that is left and of the end.
  std::pair<std::uint64_t, std::uint64_t> bounds() const {
    auto now = store.bounds("news", 0);
    return {value(now.first), value(now.end)};
  }
};

using two_numbers = std::pair<std::uint64_t, std::uint64_t>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(topic_retention, one_topic)

BOOST_AUTO_TEST_CASE(messages_past_their_age_are_dropped) {
  publish("a");
  clock.advance(1h);
  publish("b");
  clock.advance(1h);
  publish("c");
  retention hour(store, 1h, no_bound);
  BOOST_TEST(hour.run(clock.now() - 1h).ok());
  BOOST_TEST((bounds() == two_numbers{0, 3}));  // nothing is older than an hour, an hour ago

  BOOST_TEST(hour.run(clock.now()).ok());
  BOOST_TEST((bounds() == two_numbers{1, 3}));

  clock.advance(24h);
  BOOST_TEST(hour.run(clock.now()).ok());
  BOOST_TEST((bounds() == two_numbers{3, 3}));
  publish("d");
  BOOST_TEST((bounds() == two_numbers{3, 4}));
}

BOOST_AUTO_TEST_CASE(the_oldest_are_dropped_of_what_has_too_many_bytes) {
  for (int i = 0; i < 10; ++i) publish(std::string(1000, static_cast<char>('a' + i)));
  auto all = store.bytes_from("news", 0, topic_offset{0});
  BOOST_TEST_REQUIRE(all.ok());

  BOOST_TEST(retention(store, 24h, *all).run(clock.now()).ok());
  BOOST_TEST((bounds() == two_numbers{0, 10}));

  BOOST_TEST(retention(store, 24h, *all - 1).run(clock.now()).ok());
  BOOST_TEST((bounds() == two_numbers{1, 10}));

  BOOST_TEST(retention(store, 24h, *all / 2).run(clock.now()).ok());
  BOOST_TEST((bounds() == two_numbers{5, 10}));

  BOOST_TEST(retention(store, 24h, 0).run(clock.now()).ok());
  BOOST_TEST((bounds() == two_numbers{10, 10}));
}

BOOST_AUTO_TEST_SUITE_END()
