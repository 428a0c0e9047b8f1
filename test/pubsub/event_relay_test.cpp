// The relay between a store of ours and a real Kafka: each message once, in order per key, whatever
// dies in between.

#include "pubsub/event_relay.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <map>
#include <random>
#include <thread>

#include "base/check.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "pubsub/kafka_topic_writer.hpp"
#include "test/persistence/samples.hpp"
#include "test/pubsub/kafka_server.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

// Does what it is told, but what it says of it is sometimes not so: as if we had died in between,
// or the answer was lost.
class forgetful_writer final : public topic_writer {
 public:
  forgetful_writer(topic_writer& to, int of_ten, std::uint32_t seed)
      : to_(to), of_ten_(of_ten), random_(seed) {}

  status take_over() override { return to_.take_over(); }
  status prepare(const std::string& topic, std::uint32_t partitions) override {
    return to_.prepare(topic, partitions);
  }
  result<known_tails> ends(const std::string& topic) override { return to_.ends(topic); }
  result<std::map<std::uint32_t, topic_offset>> find_written(const std::string& topic,
                                                             const known_tails& tails) override {
    return to_.find_written(topic, tails);
  }
  std::variant<written, failure> write(std::span<const outgoing_message> group) override {
    auto what = static_cast<int>(random_() % 20);
    if (what < of_ten_) return failure{{status_code::unavailable, "nothing was written"}, {}};
    auto done = to_.write(group);
    if (what < 2 * of_ten_) return failure{{status_code::unavailable, "it was written"}, {}};
    return done;
  }
  void interrupt() override { to_.interrupt(); }

 private:
  topic_writer& to_;
  const int of_ten_;
  std::mt19937 random_;
};

struct fixture {
  kafka_server& kafka = shared_kafka();
  std::string topic = new_topic_name();
  std::string other = new_topic_name();
  temporary_folder folder;
  perdure::system_clock wall;
  hybrid_clock times{wall};
  std::unique_ptr<rocksdb_step_store> store;
  growth grown;
  std::unique_ptr<group_commit> commits;
  std::unique_ptr<kafka_topic_writer> kafka_writer;
  std::unique_ptr<forgetful_writer> writer;
  std::unique_ptr<event_relay> relay;
  event_relay::settings with{.group_messages_max = 500, .backoff_max = 500ms};
  pubsub::kafka_settings reach = kafka.settings();
  std::map<std::string, int> published;  // by topic and key

  fixture() {
    reach.transaction_timeout = 3s;
    auto opened =
        rocksdb_step_store::open({.folder = folder.path(), .clock = wall, .shard_count = 4});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    store = *std::move(opened);
    commits = std::make_unique<group_commit>(*store);
    commits->on_group([this] { grown.grown(); });
    commits->start();
  }

  ~fixture() {
    relay.reset();
    grown.stop();
    commits.reset();
  }

  void start(int failures_of_ten = 0, std::uint32_t seed = 1) {
    auto opened = kafka_topic_writer::open({.kafka = reach, .store_id = "store-" + topic});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    relay.reset();
    kafka_writer = *std::move(opened);
    writer = std::make_unique<forgetful_writer>(*kafka_writer, failures_of_ten, seed);
    relay = std::make_unique<event_relay>(
        event_relay::surroundings{*store, *commits, times, grown, *writer}, with);
    relay->start();
  }

  new_message next_message(const std::string& to, const std::string& key) {
    new_message m;
    m.topic = to;
    m.key = key;
    m.source = "shop";
    m.type = "shop.Sold";
    m.payload = std::to_string(published[to + "/" + key]++);
    m.id = key + "-" + *m.payload;
    return m;
  }

  void publish(std::vector<new_message> messages) {
    step s;
    s.entity = {"test", "publisher"};
    s.kind = step_kind::mail_only;
    s.time = times.next();
    s.mail = std::make_shared<mail_effects>();
    s.mail->topics.messages = std::move(messages);
    commits->submit(std::move(s), [](const status& done) { PERDURE_CHECK(done.ok()); });
  }

  void wait_until_published() {
    std::promise<void> durable;
    commits->submit_barrier([&](const status&) { durable.set_value(); });
    durable.get_future().wait();
  }

  void publish(const std::string& to, const std::string& key) { publish({next_message(to, key)}); }

  void wait_until_relayed() {
    wait_until_published();
    wait_until("all is relayed", [&] { return relay->status_now().backlog == 0; });
  }

  // All that was published to it, once, in order per key.
  void require_all(const std::string& of) {
    std::map<std::string, int> seen;
    for (const auto& r : kafka.records(of)) {
      auto& next = seen[of + "/" + r.key.value()];
      BOOST_REQUIRE_MESSAGE(r.payload == std::to_string(next),
                            "key " << *r.key << ": " << *r.payload << " instead of " << next);
      ++next;
    }
    for (const auto& [place, count] : published) {
      if (place.starts_with(of + "/")) BOOST_TEST(seen[place] == count);
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(event_relay, fixture, *boost::unit_test::precondition(has_kafka))

BOOST_AUTO_TEST_CASE(what_is_published_is_brought_to_kafka_and_dropped_here) {
  publish(topic, "before");
  start();
  for (int i = 0; i < 1000; ++i) publish(topic, "key-" + std::to_string(i % 7));
  publish({next_message(other, "a"), next_message(topic, "b"), next_message(other, "a")});
  wait_until_relayed();
  require_all(topic);
  require_all(other);
  BOOST_TEST(relay->status_now().relayed == 1004);
  BOOST_TEST(relay->status_now().problem == "");
  wait_until("it is dropped", [&] {
    for (std::uint32_t shard = 0; shard < 4; ++shard) {
      auto [first, end] = store->bounds(topic, shard);
      if (first != end) return false;
    }
    return true;
  });
}

BOOST_AUTO_TEST_CASE(one_message_waits_for_no_other) {
  start();
  publish(topic, "a");
  wait_until_relayed();
  for (std::uint64_t i = 2; i < 11; ++i) {
    publish(topic, "a");
    wait_until("it is there", [&] { return relay->status_now().relayed == i; });
  }
  require_all(topic);
}

BOOST_AUTO_TEST_CASE(a_write_whose_outcome_is_unknown_is_looked_up) {
  start(4);
  for (int i = 0; i < 400; ++i) {
    publish({next_message(topic, "key-" + std::to_string(i % 5)),
             next_message(other, "key-" + std::to_string(i % 3))});
    if (i % 20 == 0) std::this_thread::yield();
    if (i % 100 == 0) wait_until_relayed();
  }
  wait_until_relayed();
  require_all(topic);
  require_all(other);
}

BOOST_AUTO_TEST_CASE(brokers_and_relays_come_and_go_and_each_message_is_there_once) {
  std::mt19937 random(42);
  start(1);
  for (std::uint32_t round = 0; round < 12; ++round) {
    for (int i = 0; i < 300; ++i) {
      std::vector<new_message> together;
      for (auto n = random() % 4; n-- > 0;) {
        together.push_back(next_message(random() % 3 == 0 ? other : topic,
                                        "key-" + std::to_string(random() % 20)));
      }
      publish(std::move(together));
    }
    if (round % 4 == 1) {
      kafka.kill();
      kafka.start();
    }
    if (round % 3 == 0) start(1, round);
    if (round % 5 == 4) wait_until_relayed();
  }
  wait_until_relayed();
  require_all(topic);
  require_all(other);
}

BOOST_AUTO_TEST_CASE(messages_wait_here_while_kafka_is_away) {
  start();
  publish(topic, "a");
  wait_until_relayed();
  kafka.kill();
  for (int i = 0; i < 2000; ++i) publish(topic, "key-" + std::to_string(i % 10));
  wait_until_published();
  wait_until("it says so", [&] {
    auto now = relay->status_now();
    return now.backlog == 2000 && !now.problem.empty();
  });
  kafka.start();
  wait_until_relayed();
  BOOST_TEST(relay->status_now().problem == "");
  require_all(topic);
}

BOOST_AUTO_TEST_CASE(a_message_that_is_refused_is_put_aside_and_others_go_on) {
  kafka.create_topic(topic, 2, {{"max.message.bytes", "20000"}});
  for (int i = 0; i < 50; ++i) publish(topic, "a");
  auto large = next_message(topic, "a");
  --published[topic + "/a"];
  large.payload = std::string(50'000, 'x');
  publish({large});
  for (int i = 0; i < 50; ++i) publish(topic, "a");
  publish({large});
  publish(other, "b");
  start();
  wait_until_relayed();
  require_all(topic);
  require_all(other);
  auto now = relay->status_now();
  BOOST_TEST(now.refused == 2);
  BOOST_TEST(now.problem.find(refused_topic) != std::string::npos);
  std::size_t aside = 0;
  for (std::uint32_t shard = 0; shard < 4; ++shard) {
    auto page = store->read_topic(refused_topic, shard, {}, 1 << 20);
    BOOST_REQUIRE(page.ok());
    for (const auto& m : *page) {
      ++aside;
      BOOST_TEST(m.message.payload->size() == large.payload->size());
      BOOST_TEST(first_value(m.message.metadata, "perdure-topic") == topic);
      BOOST_TEST(first_value(m.message.metadata, "perdure-reason").find("large") !=
                 std::string_view::npos);
    }
  }
  BOOST_TEST(aside == 2);
}

BOOST_AUTO_TEST_CASE(a_topic_that_cannot_be_had_holds_up_no_other) {
  reach.create_topics = false;
  kafka.create_topic(other, 1);
  start();
  for (int i = 0; i < 10; ++i) {
    publish(topic, "a");
    publish(other, "a");
  }
  wait_until("the other is there", [&] { return kafka.records(other).size() == 10; });
  BOOST_TEST(relay->status_now().backlog == 10);
  BOOST_TEST(relay->status_now().problem.find(topic) != std::string::npos);
  kafka.create_topic(topic, 1);
  wait_until_relayed();
  require_all(topic);
  BOOST_TEST(relay->status_now().problem == "");
}

BOOST_AUTO_TEST_CASE(it_ends_soon_while_kafka_is_away) {
  reach.bootstrap_servers = "127.0.0.1:1";
  start();
  publish(topic, "a");
  wait_until("it has tried", [&] { return !relay->status_now().problem.empty(); });
  auto begun = std::chrono::steady_clock::now();
  relay->stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 10s));
}

BOOST_AUTO_TEST_SUITE_END()
