// Reading topics of a real Kafka: what is not there yet, not there any more, never was, or only on
// its way.

#include "pubsub/kafka_topic_log.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <future>
#include <mutex>

#include "test/persistence/samples.hpp"
#include "test/pubsub/kafka_server.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

std::vector<kafka_record> numbered(std::uint64_t first, std::uint64_t count,
                                   std::uint32_t partition = 0) {
  std::vector<kafka_record> all;
  for (auto i = first; i < first + count; ++i) {
    kafka_record r;
    r.partition = partition;
    r.time = 1'700'000'000'000 + static_cast<std::int64_t>(i) * 1000;
    r.key = "key-" + std::to_string(i);
    r.payload = "payload " + std::to_string(i);
    all.push_back(std::move(r));
  }
  return all;
}

struct fixture {
  kafka_server& kafka = shared_kafka();
  std::string topic = new_topic_name();
  std::unique_ptr<kafka_topic_log> log = open(kafka.settings());

  static std::unique_ptr<kafka_topic_log> open(const pubsub::kafka_settings& settings) {
    auto opened = kafka_topic_log::open(settings);
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    return *std::move(opened);
  }

  std::future<result<topic_page>> begin(std::uint64_t from, std::uint32_t partition = 0,
                                        std::size_t bytes = 1 << 20,
                                        const std::string& reader = "r") {
    auto told = std::make_shared<std::promise<result<topic_page>>>();
    log->read(reader, topic, partition, topic_offset{from}, bytes,
              [told](result<topic_page> page) { told->set_value(std::move(page)); });
    return told->get_future();
  }

  result<topic_page> read(std::uint64_t from, std::uint32_t partition = 0,
                          std::size_t bytes = 1 << 20, const std::string& reader = "r") {
    auto page = begin(from, partition, bytes, reader);
    BOOST_REQUIRE(page.wait_for(40s) == std::future_status::ready);
    return page.get();
  }

  // Records up to `end`; what is empty in between is skipped.
  std::vector<topic_record> read_all(std::uint64_t from, std::uint64_t end,
                                     std::uint32_t partition = 0, std::size_t bytes = 1 << 20) {
    std::vector<topic_record> all;
    while (from < end) {
      auto page = read(from, partition, bytes);
      BOOST_REQUIRE_MESSAGE(page.ok(), page.error());
      BOOST_REQUIRE(value(page->next) > from);
      from = value(page->next);
      for (auto& r : page->records) all.push_back(std::move(r));
    }
    return all;
  }
};

std::vector<std::uint64_t> offsets(const std::vector<topic_record>& records) {
  std::vector<std::uint64_t> all;
  for (const auto& r : records) all.push_back(value(r.offset));
  return all;
}

std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t end) {
  std::vector<std::uint64_t> all;
  for (; first < end; ++first) all.push_back(first);
  return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kafka_topic_log, fixture, *boost::unit_test::precondition(has_kafka))

BOOST_AUTO_TEST_CASE(a_record_is_read_with_all_it_has) {
  kafka.create_topic(topic, 1);
  kafka_record full;
  full.time = 1'700'000'000'123;
  full.key = "k\0y";
  full.payload = std::string("a\0b", 3);
  full.headers = {{"ce-Type", "a.B"}, {"x", "1"}, {"x", "2"}};
  kafka_record tombstone;
  tombstone.key = "gone";
  kafka_record bare;
  bare.payload = "";
  kafka.produce(topic, {full, tombstone, bare});
  auto all = read_all(0, 3);
  BOOST_REQUIRE(all.size() == 3);
  BOOST_TEST(all[0].key.value() == *full.key);
  BOOST_TEST(all[0].payload.value() == *full.payload);
  BOOST_TEST(all[0].time.time_since_epoch().count() == full.time);
  BOOST_TEST((all[0].headers == metadata{{"ce-type", "a.B"}, {"x", "1"}, {"x", "2"}}));
  BOOST_TEST(all[1].key.value() == "gone");
  BOOST_TEST(!all[1].payload.has_value());
  BOOST_TEST(!all[2].key.has_value());
  BOOST_TEST(all[2].payload.value() == "");
}

BOOST_AUTO_TEST_CASE(pages_are_of_about_the_size_that_is_asked_for_but_never_empty_handed) {
  kafka.create_topic(topic, 1, {{"max.message.bytes", "20000000"}});
  kafka.produce(topic, numbered(0, 100));
  auto page = read(0, 0, 1);
  BOOST_REQUIRE(page.ok());
  BOOST_TEST(page->records.size() == 1);
  BOOST_TEST(value(page->next) == 1);
  BOOST_TEST(offsets(read_all(1, 100, 0, 1000)) == range(1, 100));
  // Larger than all that is buffered or fetched at once.
  kafka_record large;
  large.payload = std::string(5 << 20, 'x');
  kafka.produce(topic, {large, large, large});
  auto all = read_all(100, 103);
  BOOST_TEST(offsets(all) == range(100, 103));
  BOOST_TEST(all[2].payload->size() == large.payload->size());
}

// Kafka sends one that is larger than all that is asked for, by itself. This one is also larger
// than what librdkafka takes unless it is told to.
BOOST_AUTO_TEST_CASE(a_record_is_read_however_large_it_is) {
  kafka.create_topic(topic, 1, {{"max.message.bytes", "104000000"}});
  kafka_record large;
  large.payload = std::string(102'000'000, 'x');
  kafka.produce(topic, numbered(0, 3));
  kafka.produce(topic, {large});
  kafka.produce(topic, numbered(4, 2));
  auto all = read_all(0, 6);
  BOOST_TEST(offsets(all) == range(0, 6));
  BOOST_TEST(all[3].payload->size() == large.payload->size());
}

BOOST_AUTO_TEST_CASE(a_record_that_is_larger_than_the_settings_allow_is_told_to_who_waits_for_it) {
  kafka.create_topic(topic, 2, {{"max.message.bytes", "64000000"}});
  kafka_record large;
  large.partition = 1;
  large.payload = std::string(30'000'000, 'x');
  kafka.produce(topic, numbered(0, 3));
  kafka.produce(topic, {large});
  auto narrow = kafka.settings();
  narrow.properties = {{"fetch.max.bytes", "16000000"}, {"receive.message.max.bytes", "17000000"}};
  log = open(narrow);
  BOOST_TEST(offsets(read_all(0, 3)) == range(0, 3));
  auto at_the_end = begin(3);
  auto page = read(0, 1);
  BOOST_TEST(page.error().code() == status_code::unavailable);
  for (const auto* part : {"partition 1, offset 0: ", "increase receive.message.max.bytes"}) {
    BOOST_TEST(page.error().message().find(part) != std::string::npos, page.error());
  }
  // Others go on.
  BOOST_TEST((at_the_end.wait_for(0s) == std::future_status::timeout));
  kafka.produce(topic, numbered(3, 1));
  BOOST_TEST(offsets(at_the_end.get()->records) == range(3, 4));
}

BOOST_AUTO_TEST_CASE(who_waits_is_told_at_once) {
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 1));
  read_all(0, 1);
  std::vector<clock_type::duration> took;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    auto waiting = begin(i);
    BOOST_REQUIRE(waiting.wait_for(150ms) == std::future_status::timeout);
    kafka.produce(topic, numbered(i, 1));
    auto produced = clock_type::now();
    auto page = waiting.get();
    took.push_back(clock_type::now() - produced);
    BOOST_REQUIRE(page.ok());
    BOOST_TEST(offsets(page->records) == range(i, i + 1));
  }
  // The producer has been told by then, so most of the time has passed before.
  std::ranges::sort(took);
  BOOST_TEST(took[2] / 1ms < 50);
}

BOOST_AUTO_TEST_CASE(two_readers_read_the_same_partition_at_their_own_places) {
  kafka.create_topic(topic, 2);
  kafka.produce(topic, numbered(0, 10));
  kafka.produce(topic, numbered(0, 5, 1));
  auto early = read(0, 0, 1 << 20, "early");
  auto late = read(7, 0, 1 << 20, "late");
  auto other = read(2, 1, 1 << 20, "late");
  BOOST_TEST(offsets(early->records) == range(0, 10));
  BOOST_TEST(offsets(late->records) == range(7, 10));
  BOOST_TEST(offsets(other->records) == range(2, 5));
}

BOOST_AUTO_TEST_CASE(reading_elsewhere_goes_there) {
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 1000));
  BOOST_TEST(offsets(read_all(0, 500, 0, 500)).front() == 0);
  for (std::uint64_t from : {700, 3, 999, 0, 998, 1}) {
    auto page = read(from, 0, 300);
    BOOST_REQUIRE(page.ok());
    BOOST_TEST(value(page->records.front().offset) == from);
  }
  // Also away from a place where somebody waits.
  auto waiting = begin(1000);
  BOOST_REQUIRE(waiting.wait_for(50ms) == std::future_status::timeout);
  log->stop("r");
  BOOST_TEST(waiting.get().error().code() == status_code::cancelled);
  BOOST_TEST(offsets(read_all(990, 1000)) == range(990, 1000));
}

BOOST_AUTO_TEST_CASE(what_was_not_committed_is_not_read_and_offsets_without_records_are_passed) {
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 1));
  auto open = open_transaction(kafka, topic, 2s);  // offset 1; its end is offset 2
  kafka.produce(topic, numbered(3, 2));            // 2 and 3; the end of the transaction is 4
  BOOST_TEST(offsets(read(0)->records) == range(0, 1));
  auto waiting = begin(1);
  BOOST_REQUIRE(waiting.wait_for(300ms) == std::future_status::timeout);
  BOOST_TEST(value(log->bounds(topic, 0)->end) == 1);
  open.reset();  // it times out
  auto page = waiting.get();
  BOOST_REQUIRE(page.ok());
  auto all = page->records;
  for (auto& r : read_all(value(page->next), 5)) all.push_back(r);
  BOOST_TEST(offsets(all) == range(2, 4));
  BOOST_TEST(value(log->bounds(topic, 0)->end) == 5);
}

BOOST_AUTO_TEST_CASE(an_offset_that_is_not_there_is_out_of_range) {
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 10));
  BOOST_TEST(read(11).error().code() == status_code::out_of_range);
  kafka.delete_records(topic, 0, 6);
  BOOST_TEST(read(3).error().code() == status_code::out_of_range);
  auto bounds = log->bounds(topic, 0);
  BOOST_REQUIRE(bounds.ok());
  BOOST_TEST(value(bounds->first) == 6);
  BOOST_TEST(value(bounds->end) == 10);
  BOOST_TEST(offsets(read(6)->records) == range(6, 10));
}

BOOST_AUTO_TEST_CASE(a_time_is_looked_up) {
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 10));
  auto at = [&](std::int64_t millis) {
    auto found = log->offset_at(topic, 0, timestamp{std::chrono::milliseconds{millis}});
    BOOST_REQUIRE_MESSAGE(found.ok(), found.error());
    return value(*found);
  };
  BOOST_TEST(at(1'700'000'003'000) == 3);
  BOOST_TEST(at(1'700'000'003'001) == 4);
  BOOST_TEST(at(-5) == 0);
  BOOST_TEST(at(1'800'000'000'000) == 10);
}

BOOST_AUTO_TEST_CASE(partitions_that_are_added_are_seen_and_read) {
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 1));
  read_all(0, 1);
  BOOST_TEST(*log->partitions(topic) == 1);
  BOOST_TEST(read(0, 2).error().code() == status_code::not_found);
  kafka.add_partitions(topic, 3);
  BOOST_TEST(*log->partitions(topic) == 3);
  kafka.produce(topic, numbered(0, 4, 2));
  auto all = read_all(0, 4, 2);
  BOOST_TEST(offsets(all) == range(0, 4));
}

BOOST_AUTO_TEST_CASE(a_topic_that_is_missing_deleted_or_made_anew_is_told_and_read_again) {
  BOOST_TEST(log->partitions(topic).error().code() == status_code::not_found);
  BOOST_TEST(log->bounds(topic, 0).error().code() == status_code::not_found);
  BOOST_TEST(read(0).error().code() == status_code::not_found);
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 10));
  BOOST_TEST(offsets(read_all(0, 10)) == range(0, 10));
  auto waiting = begin(10);
  kafka.delete_topic(topic);
  BOOST_TEST(waiting.get().error().code() == status_code::not_found);
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 3));
  BOOST_TEST(read(10).error().code() == status_code::out_of_range);
  BOOST_TEST(offsets(read(0)->records) == range(0, 3));
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_slow_is_sent_all_and_not_more_than_it_can_hold) {
  kafka.create_topic(topic, 2);
  std::vector<kafka_record> many;
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    kafka_record r;
    r.partition = i % 2;
    r.payload = std::string(1000, static_cast<char>('a' + i % 26));
    many.push_back(std::move(r));
  }
  kafka.produce(topic, many);
  for (std::uint32_t p : {0, 1}) {
    auto all = read_all(0, 20'000, p, 100'000);
    BOOST_TEST(offsets(all) == range(0, 20'000));
  }
}

BOOST_AUTO_TEST_CASE(what_was_consumed_is_shown_as_a_consumer_group) {
  kafka.create_topic(topic, 2);
  kafka.produce(topic, numbered(0, 10));
  auto group = "perdure." + topic;
  BOOST_TEST(read(0, 0, 1 << 20, topic).ok());
  log->consumed(topic, topic, 0, topic_offset{4});
  log->consumed(topic, topic, 0, topic_offset{5});
  wait_until("the group is there", [&] { return kafka.committed(group, topic, 0) == 5; });
  log->consumed(topic, topic, 0, topic_offset{9});
  log->stop(topic);
  wait_until("the last is there", [&] { return kafka.committed(group, topic, 0) == 9; });
  BOOST_TEST(!kafka.committed(group, topic, 1).has_value());
}

BOOST_AUTO_TEST_CASE(a_broker_that_is_away_is_waited_for) {
  kafka.create_topic(topic, 1);
  kafka.produce(topic, numbered(0, 5));
  read_all(0, 5);
  auto waiting = begin(5);
  kafka.kill();
  auto impatient = kafka.settings();
  impatient.request_timeout = 300ms;
  auto other = open(impatient);
  auto asked = other->partitions(topic);
  BOOST_TEST(asked.error().code() == status_code::unavailable);
  BOOST_TEST(asked.error().message().find("last heard") != std::string::npos, asked.error());
  std::promise<status> told;
  other->read("r", topic, 0, {}, 1000, [&](auto page) { told.set_value(page.error()); });
  BOOST_TEST(told.get_future().get().code() == status_code::unavailable);
  kafka.start();
  kafka.produce(topic, numbered(5, 5));
  auto page = waiting.get();
  BOOST_REQUIRE_MESSAGE(page.ok(), page.error());
  BOOST_TEST(value(page->records.front().offset) == 5);
  BOOST_TEST(*other->partitions(topic) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
