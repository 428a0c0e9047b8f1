// Keys: the bytes that docs/formats.md shows, and the two things that decide their shape.

#include "persistence/rocksdb_keys.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(rocksdb_keys)

BOOST_AUTO_TEST_CASE(keys_are_the_documented_bytes) {
  entity_key entity{"cart", "c1"};
  BOOST_TEST(hex(log_key(shard_id{3}, log_offset{258})) == "00 00 00 03 00 00 00 00 00 00 01 02");
  BOOST_TEST(hex(entity_prefix(entity)) == "63 61 72 74 00 01 63 31 00 01");
  BOOST_TEST(hex(index_key(entity, sequence_nr{5})) ==
             "63 61 72 74 00 01 63 31 00 01 00 00 00 00 00 00 00 05");
  BOOST_TEST(hex(reply_key(entity, {"m.A", "k"})) ==
             "63 61 72 74 00 01 63 31 00 01 6d 2e 41 00 01 6b 00 01");
  BOOST_TEST(hex(mailbox_key(entity, mail_position{258})) ==
             "63 61 72 74 00 01 63 31 00 01 00 00 00 00 00 00 01 02");
  BOOST_TEST(hex(timer_key(entity, "t")) == "63 61 72 74 00 01 63 31 00 01 74 00 01");
  BOOST_TEST(hex(due_key(hybrid_time{0x018bcfe568000007}.wall(), timer_key(entity, "t"))) ==
             "00 00 01 8b cf e5 68 00 63 61 72 74 00 01 63 31 00 01 74 00 01");
  BOOST_TEST(hex(deletion_key({0x018bcfe568000007}, entity_prefix(entity))) ==
             "01 8b cf e5 68 00 00 07 63 61 72 74 00 01 63 31 00 01");
  BOOST_TEST(hex(message_key("t", 3, topic_offset{258})) ==
             "74 00 01 00 00 00 03 00 00 00 00 00 00 01 02");
  BOOST_TEST(hex(partition_prefix("t", 3)) == "74 00 01 00 00 00 03");
  BOOST_TEST(hex(cursor_key("r", 3)) == "72 00 01 00 00 00 03");
  BOOST_TEST(hex(reader_prefix("r")) == "72 00 01");
  BOOST_TEST(hex(seen_key({"r", "s", 9})) == "72 00 01 73 00 01");
  BOOST_TEST(hex(held_key({"r", "k", 258})) == "72 00 01 6b 00 01 00 00 00 00 00 00 01 02");
  BOOST_TEST(hex(behind_text(reader_prefix("r"))) == "72 00 02");
  BOOST_TEST(hex(relayed_key(shard_id{3})) == "72 65 6c 61 79 65 64 00 00 00 03");
  BOOST_TEST(hex(last_number_key) == "6e 75 6d 62 65 72");
  BOOST_TEST(hex(entity_prefix({"a\0b"s, "\0"s})) == "61 00 ff 62 00 01 00 ff 00 01");
}

BOOST_AUTO_TEST_CASE(numbers_are_read_back_from_keys) {
  entity_key entity{"cart", "c1"};
  BOOST_TEST((sequence_of_index_key(index_key(entity, sequence_nr{UINT64_MAX - 1})) ==
              sequence_nr{UINT64_MAX - 1}));
  BOOST_TEST((offset_of_log_key(log_key(shard_id{7}, log_offset{1} + UINT32_MAX)) ==
              log_offset{1} + UINT32_MAX));
}

BOOST_AUTO_TEST_CASE(places_are_read_back_from_keys) {
  for (const auto& id : {"c1"s, "\0"s, "a\0\xff"s, ""s, "a\x01"s}) {
    entity_key entity{"ca\0rt"s, id};
    auto in_mailbox = place_of_mailbox_key(mailbox_key(entity, mail_position{258}));
    BOOST_TEST((in_mailbox->entity == entity));
    BOOST_TEST((in_mailbox->position == mail_position{258}));
    auto in_timers = place_of_timer_key(timer_key(entity, "n\0"s));
    BOOST_TEST((in_timers->owner == entity));
    BOOST_TEST(in_timers->name == "n\0"s);
    auto in_due = due_key(timestamp::max(), timer_key(entity, "n"));
    BOOST_TEST((time_of_due_key(in_due) == timestamp::max()));
    BOOST_TEST(timer_of_due_key(in_due) == timer_key(entity, "n"));
    auto in_deleted = place_of_deletion_key(deletion_key({7}, entity_prefix(entity)));
    BOOST_TEST((in_deleted->time == hybrid_time{7}));
    BOOST_TEST((in_deleted->entity == entity));
  }
}

BOOST_AUTO_TEST_CASE(a_key_that_is_cut_short_or_goes_on_is_no_place) {
  entity_key entity{"cart", "c1"};
  auto mail = mailbox_key(entity, mail_position{1});
  auto timer = timer_key(entity, "t");
  for (std::size_t size = 0; size < mail.size(); ++size) {
    BOOST_TEST(!place_of_mailbox_key(mail.substr(0, size)));
  }
  for (std::size_t size = 0; size < timer.size(); ++size) {
    BOOST_TEST(!place_of_timer_key(timer.substr(0, size)));
  }
  BOOST_TEST(!place_of_mailbox_key(mail + "x"));
  BOOST_TEST(!place_of_timer_key(timer + "x"));
  BOOST_TEST(!place_of_deletion_key("short"));
}

BOOST_AUTO_TEST_CASE(no_text_is_the_beginning_of_another_and_they_sort_as_the_texts_do) {
  std::vector<std::string> texts{""};
  for (const std::string alphabet = "\0\x01\xff"s + "a/"; char x : alphabet) {
    texts.push_back({x});
    for (char y : alphabet) {
      texts.push_back({x, y});
      for (char z : alphabet) texts.push_back({x, y, z});
    }
  }
  std::ranges::sort(texts);
  std::string before;
  for (const auto& text : texts) {
    std::string key;
    append_text(key, text);
    if (!before.empty()) {
      BOOST_TEST((before < key));  // by unsigned bytes
      BOOST_TEST(!key.starts_with(before));
    }
    before = key;
  }
}

BOOST_AUTO_TEST_CASE(the_keys_of_an_entity_lie_together) {
  std::vector<entity_key> entities;
  for (const auto& type : {"a"s, "a\x01"s, "ab"s}) {
    for (const auto& id : {"b"s, "b\0"s, "b\x01"s, "b\xff"s, "bb"s}) entities.push_back({type, id});
  }
  for (const auto& one : entities) {
    auto first = index_key(one, sequence_nr{0});
    auto last = index_key(one, sequence_nr{UINT64_MAX});
    for (const auto& other : entities) {
      if (other == one) continue;
      for (auto n : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
        auto key = index_key(other, sequence_nr{n});
        BOOST_TEST((key < first || key > last));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
