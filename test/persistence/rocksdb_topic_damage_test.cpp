// Damaged records of topics and their readers: each is noticed, names its place and stops as little
// as can be.

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

#include "persistence/rocksdb_keys.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"
#include "test/persistence/topic_samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

const std::uint32_t one = partition_of_key("k", 16);  // of messages with the key "k"

topic_bounds between(std::uint64_t first, std::uint64_t end) {
  return {topic_offset{first}, topic_offset{end}};
}

bool mentions(const status& s, const std::string& text) {
  return s.message().find(text) != std::string::npos;
}

// A store with five messages in topic "t" and what readers "victim" and "bystander" have, whose
// files `damage` has changed, opened again.
struct damaged_store {
  temporary_folder folder;
  manual_clock clock;
  std::unique_ptr<rocksdb_step_store> store;

  explicit damaged_store(const std::function<void(raw_database&)>& damage,
                         std::uint64_t trimmed = 0) {
    store = open_store(folder.path(), clock);
    for (std::uint64_t n = 0; n < 5; ++n) {
      auto s = mail_only("publisher");
      s.time = {(n * 1000) << 16};
      topics_of(s).messages = {message_of("t", "k", std::to_string(n))};
      BOOST_REQUIRE(commit(*store, s) == status());
    }
    for (const std::string reader : {"victim", "bystander"}) {
      auto s = moving({move_of(reader, 3, 0, 7)});
      auto& e = topics_of(s);
      e.seen = {{reader, "s", 9}};
      e.held = {{{reader, "k", 1}, held_of("first")}, {{reader, "k", 2}, held_of("second")}};
      e.pauses = {{reader, true}};
      BOOST_REQUIRE(commit(*store, s) == status());
    }
    BOOST_REQUIRE(store->trim_topic("t", one, topic_offset{trimmed}) == status());
    store.reset();
    {
      raw_database raw(folder.path());
      damage(raw);
    }
    store = open_store(folder.path(), clock);
  }

  void expect_bystander_goes_on() {
    BOOST_TEST((cursors_of(*store, "bystander") == places{{3, 7}}));
    BOOST_TEST(commit(*store, moving({move_of("bystander", 3, 7, 8)})) == status());
    BOOST_TEST(*store->is_paused("bystander"));
    BOOST_TEST((*store->last_seen("bystander", "s") == std::optional<std::uint64_t>{9}));
    BOOST_TEST(held_by(*store, "bystander").size() == 2);
    BOOST_TEST(store->readers()->size() == 2);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_topic_damage)

BOOST_AUTO_TEST_CASE(a_damaged_message_names_its_place_and_keeps_none_behind_it_from_being_read) {
  auto key = message_key("t", one, topic_offset{2});
  damaged_store damaged([&](raw_database& raw) { raw.flip_bit("topics", key, 99); });
  auto& store = *damaged.store;
  BOOST_TEST(payloads_of(messages_in(store, "t", one)) == (texts{"0", "1"}),
             boost::test_tools::per_element());
  auto lost = store.read_topic("t", one, topic_offset{2}, everything);
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(lost.error(), "topic \"t\", partition " + std::to_string(one) +
                                        ", offset 2 (column family topics): the checksum does not "
                                        "match"));
  BOOST_TEST(payloads_of(messages_in(store, "t", one, 3)) == (texts{"3", "4"}),
             boost::test_tools::per_element());
  // What looks for a place goes by the one behind it.
  BOOST_TEST(value(*store.offset_at("t", one, timestamp{3s})) == 2);
  BOOST_TEST(value(*store.offset_at("t", one, timestamp{4s})) == 4);
  BOOST_TEST(value(*store.offset_at("t", one, timestamp{1s})) == 1);
  BOOST_TEST(*store.bytes_from("t", one, topic_offset{2}) ==
             *store.bytes_from("t", one, topic_offset{3}));
  BOOST_TEST(store.trim_topic("t", one, topic_offset{2}) == status());
  BOOST_TEST(store.bounds("t", one) == between(2, 5));
  damaged.expect_bystander_goes_on();
}

BOOST_AUTO_TEST_CASE(a_message_that_is_missing_is_noticed) {
  auto key = message_key("t", one, topic_offset{2});
  damaged_store damaged([&](raw_database& raw) { raw.remove("topics", key); });
  BOOST_TEST(messages_in(*damaged.store, "t", one).size() == 2);
  auto lost = damaged.store->read_topic("t", one, topic_offset{2}, everything);
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(lost.error(), "the record is missing; the next is offset 3"));
}

BOOST_AUTO_TEST_CASE(a_partition_whose_last_messages_are_damaged_goes_on_behind_them) {
  damaged_store damaged([&](raw_database& raw) {
    for (std::uint64_t n : {3, 4}) {
      raw.flip_bit("topics", message_key("t", one, topic_offset{n}), 99);
    }
  });
  auto& store = *damaged.store;
  BOOST_TEST(store.bounds("t", one) == between(0, 5));
  BOOST_TEST(*store.bytes_from("t", one, topic_offset{0}) > 0);
  BOOST_TEST(publish(store, {message_of("t", "k", "next")}) == status());
  BOOST_TEST(payloads_of(messages_in(store, "t", one, 5)) == texts{"next"},
             boost::test_tools::per_element());
  BOOST_TEST(*store.bytes_from("t", one, topic_offset{4}) ==
             bytes_of(message_of("t", "k", "next")));
}

BOOST_AUTO_TEST_CASE(where_a_trimmed_partition_begins_is_found_though_that_record_is_damaged) {
  auto damage = [](raw_database& raw) { raw.flip_bit("topics", partition_prefix("t", one), 20); };
  damaged_store damaged(damage, 3);
  BOOST_TEST(damaged.store->bounds("t", one) == between(3, 5));
  BOOST_TEST(messages_in(*damaged.store, "t", one, 3).size() == 2);
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_tell_where_a_partition_goes_on_is_not_opened) {
  temporary_folder folder;
  manual_clock clock;
  {
    auto store = open_store(folder.path(), clock);
    BOOST_REQUIRE(publish(*store, {message_of("t", "k", "x")}) == status());
    BOOST_REQUIRE(store->trim_topic("t", one, topic_offset{1}) == status());
  }
  raw_database(folder.path()).flip_bit("topics", partition_prefix("t", one), 20);
  auto refused = rocksdb_step_store::open({.folder = folder.path(), .clock = clock});
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(refused.error(), "topic \"t\", what was trimmed of partition"));
}

BOOST_AUTO_TEST_CASE(a_damaged_cursor_stops_its_reader_only_until_it_is_set) {
  damaged_store damaged(
      [](raw_database& raw) { raw.flip_bit("readers", cursor_key("victim", 3), 20); });
  auto& store = *damaged.store;
  const std::string place = "reader \"victim\", partition 3 (column family readers)";
  auto lost = store.read_cursors("victim");
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(lost.error(), place));
  auto refused = commit(store, moving({move_of("victim", 3, 7, 8)}));
  BOOST_TEST(refused.code() == status_code::data_loss);
  BOOST_TEST(mentions(refused, place));
  damaged.expect_bystander_goes_on();
  BOOST_TEST(commit(store, moving({move_of("victim", 3, {}, 5)})) == status());
  BOOST_TEST((cursors_of(store, "victim") == places{{3, 5}}));
}

BOOST_AUTO_TEST_CASE(what_else_is_damaged_of_a_reader_names_its_place) {
  damaged_store damaged([](raw_database& raw) {
    raw.flip_bit("readers", reader_prefix("victim"), 20);
    raw.flip_bit("seen", seen_key({"victim", "s", 0}), 20);
  });
  auto paused = damaged.store->is_paused("victim");
  BOOST_TEST(paused.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(paused.error(), "reader \"victim\" (column family readers)"));
  auto seen = damaged.store->last_seen("victim", "s");
  BOOST_TEST(seen.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(seen.error(), "reader \"victim\", subject \"s\" (column family seen)"));
  BOOST_TEST((cursors_of(*damaged.store, "victim") == places{{3, 7}}));
  damaged.expect_bystander_goes_on();
}

BOOST_AUTO_TEST_CASE(a_damaged_held_message_stands_parked_where_it_stood) {
  held_place place{"victim", "k", 1};
  damaged_store damaged([&](raw_database& raw) { raw.flip_bit("held", held_key(place), 99); });
  auto held = held_by(*damaged.store, "victim");
  BOOST_REQUIRE(held.size() == 2);
  BOOST_TEST((held[0].place == place));
  BOOST_TEST((held[0].what.retry_at == timestamp::max()));
  BOOST_TEST(held[0].what.error ==
             "DATA_LOSS: reader \"victim\", message 1 held of key \"k\" (column family held): the "
             "checksum does not match");
  BOOST_TEST((held[1].what == held_of("second")));
  BOOST_TEST(commit(*damaged.store, holding({{place, {}}})) == status());
  BOOST_TEST(held_by(*damaged.store, "victim").size() == 1);
  damaged.expect_bystander_goes_on();
}

BOOST_AUTO_TEST_SUITE_END()
