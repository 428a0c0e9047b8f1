// What every store with topics does: each case runs on every adapter. What its readers have is in
// topic_readers_contract_test.cpp.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "test/persistence/step_store_adapters.hpp"
#include "test/persistence/topic_samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::string_literals;

namespace {

using adapters = mail_store_adapters;

// What is published under this key stands in partition `one`, of `shards`.
const std::string key = "k";
const std::uint32_t one = partition_of_key(key, shards);

std::vector<std::uint64_t> numbers(const std::vector<topic_offset>& offsets) {
  std::vector<std::uint64_t> all;
  for (auto o : offsets) all.push_back(value(o));
  return all;
}

// Publishes messages "0" to "n-1", one second apart from second 0 on, each in its own step.
void publish_one_a_second(topic_store& store, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) {
    auto s = mail_only("publisher");
    s.time = {(i * 1000) << 16};
    topics_of(s).messages = {message_of("t", key, std::to_string(i))};
    BOOST_REQUIRE(commit(store, s) == status());
  }
}

timestamp at_second(std::int64_t n) { return timestamp{std::chrono::seconds(n)}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_store_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_message_is_read_as_it_was_published, Adapter, adapters) {
  Adapter store;
  auto m = message_of("t", key, "payload\0\xff"s);
  m.source = "flights";
  m.type = "flights.FlightCompleted";
  m.content_type = "application/json";
  m.sequence = sequence_nr{7};
  m.trace_parent = "00-tp";
  m.metadata = {{"user", "ann"}, {"user", "bob"}, {"x-bin", "\0"s}};
  auto tombstone = message_of("t", key, "");
  tombstone.payload.reset();
  auto s = step_of("1", 0, {"event"});
  topics_of(s).messages = {m, tombstone};
  BOOST_TEST(commit(*store, s) == status());

  auto read = messages_in(*store, "t", one);
  BOOST_REQUIRE(read.size() == 2);
  BOOST_TEST((read[0] == stored_message{m, topic_offset{0}, s.time.wall()}));
  BOOST_TEST((read[1] == stored_message{tombstone, topic_offset{1}, s.time.wall()}));
  BOOST_TEST(loaded(*store, cart("1")).events.size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(each_partition_counts_its_messages_from_0, Adapter, adapters) {
  Adapter store;
  texts keys;
  for (int i = 0; i < 40; ++i) keys.push_back("key " + std::to_string(i));
  std::vector<std::uint64_t> next(shards);
  for (int round = 0; round < 3; ++round) {
    std::vector group{step_of("a", static_cast<std::uint64_t>(round), {"event"}), mail_only("b")};
    for (auto& s : group) {
      for (const auto& k : keys) topics_of(s).messages.push_back(message_of("t", k, "x"));
    }
    BOOST_TEST(codes_of((*store).commit(group)) == std::vector(2, status_code::ok),
               boost::test_tools::per_element());
    for (auto& s : group) {
      std::vector<std::uint64_t> expected;
      for (const auto& k : keys) expected.push_back(next[partition_of_key(k, shards)]++);
      BOOST_TEST(numbers(topics_of(s).positions) == expected, boost::test_tools::per_element());
    }
  }
  for (std::uint32_t n = 0; n < shards; ++n) {
    BOOST_TEST(next[n] > 0);
    BOOST_TEST((*store).bounds("t", n) == (topic_bounds{{}, topic_offset{next[n]}}));
    auto read = messages_in(*store, "t", n);
    BOOST_REQUIRE(read.size() == next[n]);
    for (std::uint64_t i = 0; i < next[n]; ++i) {
      BOOST_TEST(value(read[i].offset) == i);
      BOOST_TEST(partition_of_key(read[i].message.key, shards) == n);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_has_no_key_is_spread_by_its_id, Adapter, adapters) {
  Adapter store;
  std::vector<new_message> messages(50, message_of("t", "", "x"));
  for (std::size_t i = 0; i < messages.size(); ++i) messages[i].id = std::to_string(i);
  BOOST_TEST(publish(*store, messages) == status());
  std::size_t found = 0;
  for (std::uint32_t n = 0; n < shards; ++n) {
    for (const auto& m : messages_in(*store, "t", n)) {
      BOOST_TEST(partition_of_key(m.message.id, shards) == n);
      ++found;
    }
    BOOST_TEST(!messages_in(*store, "t", n).empty());
  }
  BOOST_TEST(found == messages.size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_topic_is_there_once_something_was_published_to_it, Adapter,
                              adapters) {
  Adapter store;
  BOOST_TEST((*store).topics().empty());
  BOOST_TEST((*store).bounds("t", one) == topic_bounds{});
  BOOST_TEST(messages_in(*store, "t", one).empty());
  BOOST_TEST(value(*(*store).offset_at("t", one, at_second(0))) == 0);
  BOOST_TEST(*(*store).bytes_from("t", one, {}) == 0);
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{9}) == status());
  BOOST_TEST((*store).topics().empty());
  BOOST_TEST(publish(*store, {message_of("t", key, "a"), message_of("b", key, "a")}) == status());
  BOOST_TEST((*store).topics() == (texts{"b", "t"}), boost::test_tools::per_element());
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{1}) == status());
  BOOST_TEST((*store).topics() == (texts{"b", "t"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(topics_that_could_be_mistaken_have_their_own_messages, Adapter,
                              adapters) {
  Adapter store;
  const texts names{"", "a", "a\0"s, "a\0\x01"s, "a\x01", "a\xff", "aa", "\0"s, "\0\0\0\x02"s};
  for (const auto& name : names) {
    BOOST_TEST(publish(*store, {message_of(name, key, "in " + name)}) == status());
  }
  for (const auto& name : names) {
    BOOST_TEST(payloads_of(messages_in(*store, name, one)) == texts{"in " + name},
               boost::test_tools::per_element());
    BOOST_TEST((*store).trim_topic(name, one, topic_offset{1}) == status());
    BOOST_TEST(messages_in(*store, name, one, 1).empty());
  }
  BOOST_TEST((*store).topics().size() == names.size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_of_a_topic_is_bounded_but_never_empty, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(publish(*store, std::vector(10, message_of("t", key, std::string(1000, 'x')))) ==
             status());
  BOOST_TEST((*store).read_topic("t", one, {}, 1)->size() == 1);
  auto some = (*store).read_topic("t", one, topic_offset{3}, 5000);
  BOOST_REQUIRE(some.ok());
  BOOST_TEST(some->size() > 1);
  BOOST_TEST(some->size() < 5);
  BOOST_TEST(value(some->front().offset) == 3);
  BOOST_TEST(messages_in(*store, "t", one, 10).empty());
  BOOST_TEST(messages_in(*store, "t", one, 1000).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(messages_of_a_failed_step_leave_no_trace, Adapter, adapters) {
  Adapter store;
  BOOST_REQUIRE(commit(*store, moving({move_of("r", 0, 0, 5)})) == status());
  std::vector group{step_of("1", 7, {"wrong"}), step_of("1", 0, {"follows it"}),
                    moving({move_of("r", 0, 4, 6)})};
  for (auto& s : group) topics_of(s).messages = {message_of("lost", key, "lost")};
  BOOST_TEST(codes_of((*store).commit(group)) == std::vector(3, status_code::aborted),
             boost::test_tools::per_element());
  BOOST_TEST((*store).topics().empty());
  BOOST_TEST((*store).bounds("lost", one) == topic_bounds{});
  BOOST_TEST(messages_in(*store, "lost", one).empty());

  auto s = mail_only("1");
  topics_of(s).messages = {message_of("lost", key, "found")};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(numbers(topics_of(s).positions) == std::vector<std::uint64_t>{0},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_relayed_is_published_once, Adapter, adapters) {
  Adapter store;
  for (std::uint64_t place : {1, 1, 2, 1}) {
    auto s = mail_only("1");
    mail_of(s).relayed = outbox_offset{place};
    topics_of(s).messages = {message_of("t", key, std::to_string(place))};
    BOOST_TEST(commit(*store, s) == status());
  }
  BOOST_TEST(payloads_of(messages_in(*store, "t", one)) == (texts{"1", "2"}),
             boost::test_tools::per_element());
}

// ------------------------------------------------------------------------------- times and bytes

BOOST_AUTO_TEST_CASE_TEMPLATE(an_offset_is_found_by_its_time, Adapter, adapters) {
  Adapter store;
  publish_one_a_second(*store, 9);
  auto offset_at = [&](timestamp t) { return value(*(*store).offset_at("t", one, t)); };
  BOOST_TEST(offset_at(at_second(-1)) == 0);
  for (std::int64_t n = 0; n < 9; ++n) {
    BOOST_TEST(offset_at(at_second(n)) == static_cast<std::uint64_t>(n));
    BOOST_TEST(offset_at(at_second(n) + std::chrono::milliseconds(1)) ==
               static_cast<std::uint64_t>(n + 1));
  }
  BOOST_TEST(offset_at(timestamp::max()) == 9);
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{4}) == status());
  BOOST_TEST(offset_at(at_second(1)) == 4);
  BOOST_TEST(offset_at(at_second(6)) == 6);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(how_much_waits_is_known, Adapter, adapters) {
  Adapter store;
  std::vector<new_message> messages;
  for (std::size_t i = 0; i < 10; ++i) {
    messages.push_back(message_of("t", key, std::string(100 * i, 'x')));
  }
  BOOST_TEST(publish(*store, messages) == status());
  auto bytes_from = [&](std::uint64_t first) {
    return *(*store).bytes_from("t", one, topic_offset{first});
  };
  std::uint64_t expected = 0;
  for (std::uint64_t n = 10; n-- > 0;) {
    expected += bytes_of(messages[n]);
    BOOST_TEST(bytes_from(n) == expected);
  }
  BOOST_TEST(bytes_from(10) == 0);
  BOOST_TEST(bytes_from(1000) == 0);
  auto from_7 = bytes_from(7);
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{7}) == status());
  BOOST_TEST(bytes_from(0) == from_7);
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{10}) == status());
  BOOST_TEST(bytes_from(0) == 0);
  BOOST_TEST(publish(*store, {messages[3]}) == status());
  BOOST_TEST(bytes_from(0) == bytes_of(messages[3]));
}

// --------------------------------------------------------------------------------------- trimming

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_trimmed_is_gone_and_said_to_be, Adapter, adapters) {
  Adapter store;
  publish_one_a_second(*store, 5);
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{2}) == status());
  BOOST_TEST((*store).bounds("t", one) == (topic_bounds{topic_offset{2}, topic_offset{5}}));
  BOOST_TEST(payloads_of(messages_in(*store, "t", one, 2)) == (texts{"2", "3", "4"}),
             boost::test_tools::per_element());
  auto gone = (*store).read_topic("t", one, topic_offset{1}, everything);
  BOOST_TEST(gone.error().code() == status_code::out_of_range);
  BOOST_TEST(gone.error().message() ==
             "topic \"t\", partition " + std::to_string(one) +
                 ", offset 1 is not there any more; the first that is has offset 2");
  // Again, and less than that.
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{2}) == status());
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{1}) == status());
  BOOST_TEST((*store).bounds("t", one) == (topic_bounds{topic_offset{2}, topic_offset{5}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_partition_that_was_trimmed_whole_goes_on_where_it_ended, Adapter,
                              adapters) {
  Adapter store;
  publish_one_a_second(*store, 3);
  BOOST_TEST(publish(*store, {message_of("other", key, "stays")}) == status());
  BOOST_TEST((*store).trim_topic("t", one, topic_offset{1000}) == status());
  BOOST_TEST((*store).bounds("t", one) == (topic_bounds{topic_offset{3}, topic_offset{3}}));
  BOOST_TEST(messages_in(*store, "t", one, 3).empty());

  BOOST_TEST(publish(*store, {message_of("t", key, "next")}) == status());
  BOOST_TEST((*store).bounds("t", one) == (topic_bounds{topic_offset{3}, topic_offset{4}}));
  BOOST_TEST(payloads_of(messages_in(*store, "t", one, 3)) == texts{"next"},
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(messages_in(*store, "other", one)) == texts{"stays"},
             boost::test_tools::per_element());
}

// ------------------------------------------------------------------------------------------- logs

BOOST_AUTO_TEST_CASE_TEMPLATE(the_end_of_a_log_is_known, Adapter, adapters) {
  Adapter store;
  auto shard = shard_of("1", shards);
  BOOST_TEST(value((*store).log_end(shard)) == 0);
  BOOST_TEST(commit(*store, step_of("1", 0, {"a", "b"})) == status());
  BOOST_TEST(commit(*store, step_of("1", 9, {"wrong"})).code() == status_code::aborted);
  BOOST_TEST(value((*store).log_end(shard)) == 2);
  BOOST_TEST(whole_log(*store, shard).size() == 2);
}

// Else who asks where it ends would take a reader for one that is behind the end.
BOOST_AUTO_TEST_CASE_TEMPLATE(nobody_reads_behind_the_end_while_it_grows, Adapter, adapters) {
  constexpr std::uint64_t times = 2000;
  Adapter store;
  auto shard = shard_of("1", shards);
  std::atomic<bool> is_over = false;
  std::size_t behind_the_end = 0;
  std::thread reader([&] {
    log_offset event{};
    topic_offset message{};
    while (!is_over) {
      if (auto events = (*store).read_log(shard, event, everything); events && !events->empty()) {
        event = events->back().offset + 1;
        if ((*store).log_end(shard) < event) ++behind_the_end;
      }
      auto messages = (*store).read_topic("t", one, message, everything);
      if (messages && !messages->empty()) {
        message = messages->back().offset + 1;
        if ((*store).bounds("t", one).end < message) ++behind_the_end;
      }
    }
  });
  std::uint64_t failed = 0;
  for (std::uint64_t n = 0; n < times; ++n) {
    auto s = step_of("1", n, {"event"});
    topics_of(s).messages = {message_of("t", key, "message")};
    if (!commit(*store, s).ok()) ++failed;
  }
  is_over = true;
  reader.join();
  BOOST_TEST(failed == 0u);
  BOOST_TEST(behind_the_end == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
