// Writing to a real Kafka: all or nothing, in our name only once, and found again afterwards.

#include "pubsub/kafka_topic_writer.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <future>
#include <thread>

#include "test/persistence/samples.hpp"
#include "test/pubsub/kafka_server.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

// Messages of one of our topics, as its store would have them.
class outgoing {
 public:
  explicit outgoing(std::string topic) : topic_(std::move(topic)) {}

  stored_message& add(std::uint32_t shard, std::uint64_t offset, const std::string& key,
                      std::optional<std::string> payload) {
    stored_message m;
    m.message.topic = topic_;
    m.message.key = key;
    m.message.id = std::to_string(shard) + "-" + std::to_string(offset);
    m.message.source = "shop";
    m.message.type = "shop.Sold";
    m.message.payload = std::move(payload);
    m.offset = topic_offset{offset};
    m.time = timestamp{1'700'000'000'000ms};
    messages_.push_back(std::move(m));
    shards_.push_back(shard);
    return messages_.back();
  }

  std::vector<outgoing_message> group() const {
    std::vector<outgoing_message> all;
    for (std::size_t i = 0; i < messages_.size(); ++i) all.push_back({&messages_[i], shards_[i]});
    return all;
  }

 private:
  std::string topic_;
  std::deque<stored_message> messages_;
  std::vector<std::uint32_t> shards_;
};

outgoing some(const std::string& topic, std::uint64_t first, std::uint64_t count) {
  outgoing all(topic);
  for (auto i = first; i < first + count; ++i) {
    all.add(0, i, "key-" + std::to_string(i % 5), "payload " + std::to_string(i));
  }
  return all;
}

struct fixture {
  kafka_server& kafka = shared_kafka();
  std::string topic = new_topic_name();
  std::chrono::milliseconds patience = 30s;

  std::unique_ptr<kafka_topic_writer> open(const std::string& id = "",
                                           pubsub::kafka_settings settings = {}) {
    auto reach = kafka.settings();
    settings.bootstrap_servers = reach.bootstrap_servers;
    settings.request_timeout = reach.request_timeout;
    settings.transaction_timeout = patience;
    auto opened = kafka_topic_writer::open(
        {.kafka = settings, .store_id = id.empty() ? "store-" + topic : id});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    return *std::move(opened);
  }

  std::unique_ptr<kafka_topic_writer> ready(std::uint32_t partitions = 3) {
    auto writer = open();
    BOOST_REQUIRE(writer->take_over() == status());
    BOOST_REQUIRE(writer->prepare(topic, partitions) == status());
    return writer;
  }

  std::size_t count() { return kafka.records(topic).size(); }
};

known_tails written(topic_writer& writer, const std::string& topic, const outgoing& what) {
  auto done = writer.write(what.group());
  auto* failed = std::get_if<topic_writer::failure>(&done);
  BOOST_REQUIRE_MESSAGE(failed == nullptr, failed->why);
  return std::get<topic_writer::written>(done).tails.at(topic);
}

topic_writer::failure refused(topic_writer& writer, const outgoing& what) {
  auto done = writer.write(what.group());
  auto* failed = std::get_if<topic_writer::failure>(&done);
  BOOST_REQUIRE(failed != nullptr);
  return std::move(*failed);
}

std::uint64_t found(topic_writer& writer, const std::string& topic, const known_tails& tails,
                    std::uint32_t shard = 0) {
  auto all = writer.find_written(topic, tails);
  BOOST_REQUIRE_MESSAGE(all.ok(), all.error());
  return all->contains(shard) ? value(all->at(shard)) : 0;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kafka_topic_writer, fixture, *boost::unit_test::precondition(has_kafka))

BOOST_AUTO_TEST_CASE(messages_stand_in_the_topic_as_cloud_events_in_the_partition_of_their_key) {
  auto writer = ready();
  outgoing what(topic);
  auto& full = what.add(2, 7, "cart-1", "bytes");
  full.message.sequence = sequence_nr{12};
  full.message.trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  full.message.metadata = {{"x-tenant", "a"}};
  what.add(2, 8, "cart-1", std::nullopt);
  what.add(3, 1, "", "no key");
  written(*writer, topic, what);

  auto records = kafka.records(topic);
  BOOST_REQUIRE(records.size() == 3);
  std::size_t of_cart = 0;
  for (const auto& r : records) {
    if (!r.key) {
      BOOST_TEST(r.payload.value() == "no key");
      continue;
    }
    BOOST_TEST(*r.key == "cart-1");
    BOOST_TEST(r.partition == value(shard_of("cart-1", 3)));
    BOOST_TEST(r.time == 1'700'000'000'000);
    if (++of_cart == 2) {
      BOOST_TEST(!r.payload.has_value());
      continue;
    }
    BOOST_TEST(r.payload.value() == "bytes");
    BOOST_TEST(r.header("ce-id") == "2-7");
    BOOST_TEST(r.header("ce-type") == "shop.Sold");
    BOOST_TEST(r.header("ce-source") == "shop");
    BOOST_TEST(r.header("ce-subject") == "cart-1");
    BOOST_TEST(r.header("content-type") == "application/protobuf");
    BOOST_TEST(r.header("x-tenant") == "a");
    BOOST_TEST(r.header("perdure-position") == "store-" + topic + "/2/7");
  }
  BOOST_TEST(of_cart == 2);
}

BOOST_AUTO_TEST_CASE(the_topic_is_named_by_the_pattern_and_only_created_when_that_is_wanted) {
  pubsub::kafka_settings named;
  named.topic_pattern = "prod.{topic}";
  named.create_topics = false;
  auto writer = open("", named);
  BOOST_REQUIRE(writer->take_over() == status());
  auto missing = writer->prepare(topic, 2);
  BOOST_TEST(missing.code() == status_code::not_found);
  BOOST_TEST(missing.message().find("prod." + topic) != std::string::npos);
  kafka.create_topic("prod." + topic, 1);
  BOOST_TEST(writer->prepare(topic, 2) == status());
  written(*writer, topic, some(topic, 0, 10));
  BOOST_TEST(kafka.records("prod." + topic).size() == 10);
}

BOOST_AUTO_TEST_CASE(what_a_failed_group_holds_is_not_there_at_all) {
  kafka.create_topic(topic, 3, {{"max.message.bytes", "20000"}});
  auto writer = ready();
  auto what = some(topic, 0, 50);
  what.add(0, 50, "key-1", std::string(30'000, 'x'));
  what.add(0, 51, "key-1", "behind it");
  auto failed = refused(*writer, what);
  while (!failed.refused) {  // narrowed down, as many went together
    BOOST_REQUIRE(writer->take_over() == status());
    failed = refused(*writer, what);
  }
  BOOST_TEST(failed.why.code() == status_code::invalid_argument);
  BOOST_TEST(*failed.refused == 50);
  BOOST_REQUIRE(writer->take_over() == status());
  BOOST_TEST(found(*writer, topic, {}) == 0);
  BOOST_TEST(count() == 0);
  written(*writer, topic, some(topic, 0, 50));
  BOOST_TEST(count() == 50);
}

BOOST_AUTO_TEST_CASE(small_messages_are_written_where_batches_must_be_small) {
  kafka.create_topic(topic, 1, {{"max.message.bytes", "2000"}});
  auto writer = ready();
  auto what = some(topic, 0, 500);
  auto done = writer->write(what.group());
  for (int tries = 0; tries < 8 && std::holds_alternative<topic_writer::failure>(done); ++tries) {
    BOOST_TEST_MESSAGE(std::get<topic_writer::failure>(done).why);
    BOOST_TEST(!std::get<topic_writer::failure>(done).refused);
    BOOST_REQUIRE(writer->take_over() == status());
    done = writer->write(what.group());
  }
  BOOST_TEST(std::holds_alternative<topic_writer::written>(done));
  BOOST_TEST(count() == 500);
}

BOOST_AUTO_TEST_CASE(a_topic_that_is_gone_is_named_and_others_are_not_written_either) {
  auto writer = ready();
  auto what = some(topic, 0, 5);
  auto& stray = what.add(0, 5, "a", "b");
  stray.message.topic = "never-made";
  auto failed = refused(*writer, what);
  BOOST_TEST(failed.why.code() == status_code::not_found);
  BOOST_TEST(failed.refused.value() == 5);
  BOOST_REQUIRE(writer->take_over() == status());
  BOOST_TEST(count() == 0);
}

BOOST_AUTO_TEST_CASE(who_was_taken_over_from_can_write_no_more) {
  auto old = ready();
  written(*old, topic, some(topic, 0, 5));
  auto young = open();
  BOOST_REQUIRE(young->take_over() == status());
  auto failed = refused(*old, some(topic, 5, 5));
  BOOST_TEST(!failed.refused);
  BOOST_TEST(count() == 5);
  written(*young, topic, some(topic, 5, 5));
  BOOST_TEST(count() == 10);
}

BOOST_AUTO_TEST_CASE(what_was_written_is_found_behind_the_known_tails) {
  auto writer = ready();
  auto tails = written(*writer, topic, some(topic, 0, 20));
  BOOST_TEST(found(*writer, topic, tails) == 0);
  written(*writer, topic, some(topic, 20, 7));
  BOOST_TEST(found(*writer, topic, tails) == 27);
  BOOST_TEST(found(*writer, topic, {}) == 27);
  // Another store's places are none of ours.
  auto other = open("store-x");
  BOOST_REQUIRE(other->take_over() == status());
  BOOST_TEST(found(*other, topic, {}) == 0);
}

BOOST_AUTO_TEST_CASE(tails_of_a_topic_that_was_made_anew_or_shortened_do_no_harm) {
  auto writer = ready(1);
  auto tails = written(*writer, topic, some(topic, 0, 20));
  written(*writer, topic, some(topic, 20, 20));
  kafka.delete_records(topic, 0, 30);
  BOOST_TEST(found(*writer, topic, tails) == 40);
  kafka.delete_topic(topic);
  wait_until("the topic is gone", [&] {
    return writer->find_written(topic, tails).error().code() == status_code::not_found;
  });
  kafka.create_topic(topic, 1);
  BOOST_REQUIRE(writer->take_over() == status());
  BOOST_TEST(found(*writer, topic, tails) == 0);
  written(*writer, topic, some(topic, 40, 3));
  BOOST_TEST(found(*writer, topic, tails) == 43);
}

BOOST_AUTO_TEST_CASE(a_transaction_of_somebody_else_that_is_open_is_waited_for) {
  auto writer = ready(1);
  auto tails = written(*writer, topic, some(topic, 0, 1));
  // A writer that dies with a transaction open: what it wrote hides ours until it times out.
  auto dying = open_transaction(kafka, topic, 2s);
  written(*writer, topic, some(topic, 1, 1));
  dying.reset();
  BOOST_TEST(found(*writer, topic, tails) == 2);
}

BOOST_AUTO_TEST_CASE(a_broker_that_is_killed_in_the_middle_leaves_all_or_nothing) {
  kafka.create_topic(topic, 3);
  BOOST_REQUIRE(open()->take_over() == status());  // so that Kafka has all it needs for that
  patience = 3s;
  auto writer = open();
  wait_until("it can be taken over", [&] { return writer->take_over().ok(); });
  auto tails = written(*writer, topic, some(topic, 0, 10));
  std::uint64_t next = 10;
  for (int round = 0; round < 3; ++round) {
    std::promise<void> begun;
    auto writing = std::async(std::launch::async, [&] {
      for (int i = 0;; ++i) {
        auto done = writer->write(some(topic, next, 2000).group());
        if (std::holds_alternative<topic_writer::failure>(done)) return;
        tails = std::get<topic_writer::written>(done).tails.at(topic);
        next += 2000;
        if (i == round) begun.set_value();
      }
    });
    begun.get_future().wait();
    kafka.kill();
    writing.get();
    BOOST_TEST(writer->take_over().code() == status_code::unavailable);
    kafka.start();
    wait_until("it can be taken over", [&] { return writer->take_over().ok(); });
    auto reached = found(*writer, topic, tails);
    BOOST_TEST((reached == 0 || reached == next + 2000));
    if (reached != 0) next = reached;
    BOOST_TEST(count() == next);
  }
}

BOOST_AUTO_TEST_CASE(one_that_waits_for_a_kafka_that_is_away_can_be_interrupted) {
  pubsub::kafka_settings nowhere;
  nowhere.bootstrap_servers = "127.0.0.1:1";
  auto opened = pubsub::kafka_topic_writer::open({.kafka = nowhere, .store_id = "s"});
  BOOST_REQUIRE(opened.ok());
  auto begun = std::chrono::steady_clock::now();
  auto waiting = std::async(std::launch::async, [&] { return (*opened)->take_over(); });
  (*opened)->interrupt();
  BOOST_TEST(waiting.get().code() == status_code::unavailable);
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 5s));
}

BOOST_AUTO_TEST_SUITE_END()
