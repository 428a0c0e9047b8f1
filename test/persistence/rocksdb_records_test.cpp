// Records: the bytes that docs/formats.md shows, the way back, and what is noticed when they are
// not what was written. The golden bytes must never change: they lie on our users' disks.

#include "persistence/rocksdb_records.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "persistence/rocksdb_topic_records.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

const entity_key entity{"cart", "c1"};
const std::string event_key = log_key(shard_id{3}, log_offset{258});
const std::string index_entry_key = index_key(entity, sequence_nr{5});
const std::string snapshot_key = entity_prefix(entity);
const std::string stored_reply_key = reply_key(entity, {"m.A", "k"});

step sample_step() {
  step s;
  s.entity = entity;
  s.shard_epoch = epoch{2};
  s.region = region_id{1};
  s.time = {0x018bcfe568000007};  // 2023-11-14T22:13:20Z, counter 7
  s.trace_parent = "tp";
  return s;
}

std::string sample_event() {
  return encode_event(event_key, sample_step(), sequence_nr{5}, {"d.E", "abc"});
}

// Of a key-value entity, to event 5.
step sample_change() {
  auto s = sample_step();
  s.kind = step_kind::key_value;
  s.expected = sequence_nr{4};
  s.expires = s.time.wall();
  s.events = {{"d.S", "xyz", {{"u", "v"}}}};
  return s;
}

new_mail sample_mail() {
  new_mail mail;
  mail.target = entity;
  mail.method = "m.A";
  mail.payload = "abc";
  mail.metadata = {{"u", "v"}};
  return mail;
}

const std::string sample_message_key = message_key("t", 3, topic_offset{258});

new_message sample_message() {
  new_message m;
  m.key = "k";
  m.sequence = sequence_nr{5};
  m.payload = "abc";
  m.metadata = {{"u", "v"}};
  return m;
}

// Decodes as any record, and tells how that went.
using decoding = std::function<status(std::string_view key, std::string_view value)>;

template <class Record>
decoding by(result<Record> (*decode)(std::string_view, std::string_view)) {
  return
      [decode](std::string_view key, std::string_view value) { return decode(key, value).error(); };
}

struct sample_record {
  std::string name;
  record_kind kind;
  std::string key;
  std::string value;
  decoding decode;
};

std::vector<sample_record> samples() {
  return {
      {"store", record_kind::store, "store", encode_store("store", {16, timestamp{}}),
       by(decode_store)},
      {"event", record_kind::event, event_key, sample_event(), by(decode_event)},
      {"index", record_kind::index, index_entry_key, encode_index(index_entry_key, log_offset{258}),
       by(decode_index)},
      {"snapshot", record_kind::snapshot, snapshot_key,
       encode_snapshot(snapshot_key, sequence_nr{5}, {"d.S", "xyz"}), by(decode_snapshot)},
      {"reply", record_kind::reply, stored_reply_key,
       encode_reply(stored_reply_key, {7}, {9, "ok"}), by(decode_reply)},
      {"change", record_kind::event, event_key,
       encode_event(event_key, sample_change(), sequence_nr{5}, sample_change().events[0]),
       by(decode_event)},
      {"state", record_kind::snapshot, snapshot_key, encode_state(snapshot_key, sample_change()),
       by(decode_snapshot)},
      {"mail", record_kind::mail, mailbox_key(entity, mail_position{258}),
       encode_mail(mailbox_key(entity, mail_position{258}), sample_mail(), {7}), by(decode_mail)},
      {"timer", record_kind::timer, timer_key(entity, "t"),
       encode_timer(timer_key(entity, "t"), 9, {timestamp{}, {}, sample_mail()}), by(decode_timer)},
      {"command", record_kind::command, "id",
       encode_command("id", {entity, "m.A", {7}, true, {}, "ok"}), by(decode_command)},
      {"number", record_kind::relayed, relayed_key(shard_id{3}),
       encode_number(record_kind::relayed, relayed_key(shard_id{3}), 258),
       [](auto key, auto value) {
         return decode_number(record_kind::relayed, key, value).error();
       }},
      {"message", record_kind::message, sample_message_key,
       encode_message(sample_message_key, sample_message(), timestamp{}, 7), by(decode_message)},
      {"trimmed", record_kind::trimmed, partition_prefix("t", 3),
       encode_trimmed(partition_prefix("t", 3), {topic_offset{258}, 7}), by(decode_trimmed)},
      {"held", record_kind::held, held_key({"r", "k", 1}),
       encode_held(held_key({"r", "k", 1}),
                   {0, {sample_message(), {}, timestamp{}}, 1, {}, {}, "why"}),
       by(decode_held)}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_records)

BOOST_AUTO_TEST_CASE(the_store_record_is_the_documented_bytes) {
  auto value = encode_store("store", {16, hybrid_time{0x018bcfe568000007}.wall()});
  BOOST_TEST(hex(value) == "01 00 00 00 10 00 00 01 8b cf e5 68 00 9f 00 42 de 14 05 f3 3b");
  auto decoded = decode_store("store", value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST(decoded->shard_count == 16);
  BOOST_TEST((decoded->created == hybrid_time{0x018bcfe568000007}.wall()));
}

BOOST_AUTO_TEST_CASE(an_event_record_is_the_documented_bytes) {
  BOOST_TEST(hex(sample_event()) ==
             "01 00 00 00 00 00 00 00 05 01 8b cf e5 68 00 00 07 00 01 00 00 00 02 00 "
             "00 00 04 63 61 72 74 00 00 00 02 63 31 00 00 00 02 74 70 00 00 00 03 64 "
             "2e 45 00 00 00 03 61 62 63 14 b2 97 05 35 05 d3 68");
  auto decoded = decode_event(event_key, sample_event());
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((decoded->shard_epoch == epoch{2}));
  BOOST_TEST((decoded->event == stored_event{.entity = entity,
                                             .sequence = sequence_nr{5},
                                             .offset = log_offset{258},
                                             .time = {0x018bcfe568000007},
                                             .region = region_id{1},
                                             .trace_parent = "tp",
                                             .type = "d.E",
                                             .payload = "abc"}));
}

BOOST_AUTO_TEST_CASE(an_index_record_is_the_documented_bytes) {
  auto value = encode_index(index_entry_key, log_offset{258});
  BOOST_TEST(hex(value) == "01 00 00 00 00 00 00 01 02 44 ab 2e bd 42 fd fd 58");
  auto decoded = decode_index(index_entry_key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((*decoded == log_offset{258}));
}

BOOST_AUTO_TEST_CASE(a_snapshot_record_is_the_documented_bytes) {
  auto value = encode_snapshot(snapshot_key, sequence_nr{5}, {"d.S", "xyz"});
  BOOST_TEST(hex(value) ==
             "01 00 00 00 00 00 00 00 05 00 00 00 03 64 2e 53 00 00 00 03 78 79 7a e0 "
             "97 68 03 dd 47 55 e1");
  auto decoded = decode_snapshot(snapshot_key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((decoded->state == stored_snapshot{sequence_nr{5}, "d.S", "xyz"}));
  BOOST_TEST(!decoded->is_key_value);
}

BOOST_AUTO_TEST_CASE(an_event_record_with_metadata_is_the_documented_bytes) {
  new_event event{"d.E", "abc", {{"u", "v"}}};
  auto value = encode_event(event_key, sample_step(), sequence_nr{5}, event);
  BOOST_TEST(hex(value) ==
             "02 00 00 00 00 00 00 00 05 01 8b cf e5 68 00 00 07 00 01 00 00 00 02 00 "
             "00 00 00 04 63 61 72 74 00 00 00 02 63 31 00 00 00 02 74 70 00 00 00 03 "
             "64 2e 45 00 00 00 03 61 62 63 00 00 00 01 00 00 00 01 75 00 00 00 01 76 "
             "a2 e1 f6 06 ea da 20 f4");
  auto decoded = decode_event(event_key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((decoded->event.metadata == event.metadata));
  BOOST_TEST(decoded->event.payload == "abc");
  BOOST_TEST(!decoded->is_in_state);
  BOOST_TEST(!decoded->event.superseded);

  auto dropped = encode_dropped_event(event_key, *decoded);
  BOOST_TEST(hex(dropped) ==
             "02 00 00 00 00 00 00 00 05 01 8b cf e5 68 00 00 07 00 01 00 00 00 02 02 "
             "00 00 00 04 63 61 72 74 00 00 00 02 63 31 00 00 00 02 74 70 00 00 00 03 "
             "64 2e 45 00 00 00 00 00 00 00 00 c4 78 63 82 4e ce 19 c1");
  auto left = decode_event(event_key, dropped);
  BOOST_REQUIRE(left.ok());
  auto expected = decoded->event;
  expected.payload.clear();
  expected.metadata.clear();
  expected.superseded = true;
  BOOST_TEST((left->event == expected));
  BOOST_TEST((left->shard_epoch == epoch{2}));
}

BOOST_AUTO_TEST_CASE(a_change_and_its_state_are_the_documented_bytes) {
  auto change = sample_change();
  change.events[0].metadata.clear();
  auto in_log = encode_event(event_key, change, sequence_nr{5}, change.events[0]);
  BOOST_TEST(hex(in_log) ==
             "02 00 00 00 00 00 00 00 05 01 8b cf e5 68 00 00 07 00 01 00 00 00 02 01 "
             "00 00 00 04 63 61 72 74 00 00 00 02 63 31 00 00 00 02 74 70 00 00 00 03 "
             "64 2e 53 00 00 00 00 00 00 00 00 f4 ce 65 a2 04 f3 21 14");
  auto decoded = decode_event(event_key, in_log);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST(decoded->is_in_state);
  BOOST_TEST(decoded->event.payload == "");

  auto in_state = encode_state(snapshot_key, change);
  BOOST_TEST(hex(in_state) ==
             "02 00 00 00 00 00 00 00 05 02 00 00 01 8b cf e5 68 00 00 00 00 03 64 2e "
             "53 00 00 00 03 78 79 7a 5c f7 67 49 01 c6 de f4");
  auto state = decode_snapshot(snapshot_key, in_state);
  BOOST_REQUIRE(state.ok());
  BOOST_TEST((state->state == stored_snapshot{sequence_nr{5}, "d.S", "xyz", change.expires}));
  BOOST_TEST(state->is_key_value);
}

BOOST_AUTO_TEST_CASE(a_deletion_is_the_documented_bytes) {
  auto s = sample_step();
  s.expected = sequence_nr{4};
  s.events = {new_event::deletion()};
  auto in_log = encode_event(event_key, s, sequence_nr{5}, s.events[0]);
  BOOST_TEST(hex(in_log) ==
             "01 00 00 00 00 00 00 00 05 01 8b cf e5 68 00 00 07 00 01 00 00 00 02 00 "
             "00 00 04 63 61 72 74 00 00 00 02 63 31 00 00 00 02 74 70 00 00 00 00 00 "
             "00 00 00 99 c4 c6 38 ad ef 7f 33");
  BOOST_TEST(decode_event(event_key, in_log)->event.is_deletion());

  auto in_state = encode_state(snapshot_key, s);
  BOOST_TEST(hex(in_state) ==
             "02 00 00 00 00 00 00 00 05 01 7f ff ff ff ff ff ff ff 00 00 00 00 00 00 "
             "00 00 b6 9f b6 6b de d3 9f f5");
  auto state = decode_snapshot(snapshot_key, in_state);
  BOOST_TEST((state->state == stored_snapshot{sequence_nr{5}, "", ""}));
  BOOST_TEST(!state->is_key_value);
  s.kind = step_kind::key_value;
  BOOST_TEST(decode_snapshot(snapshot_key, encode_state(snapshot_key, s))->is_key_value);
}

BOOST_AUTO_TEST_CASE(a_reply_record_is_the_documented_bytes) {
  auto value = encode_reply(stored_reply_key, {0x018bcfe568000007}, {0x1122334455667788, "ok"});
  BOOST_TEST(hex(value) ==
             "01 01 8b cf e5 68 00 00 07 11 22 33 44 55 66 77 88 00 00 00 02 6f 6b 44 "
             "60 95 d4 c2 94 5d 68");
  auto decoded = decode_reply(stored_reply_key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((decoded->time == hybrid_time{0x018bcfe568000007}));
  BOOST_TEST((decoded->reply == recorded_reply{0x1122334455667788, "ok"}));
}

BOOST_AUTO_TEST_CASE(any_flipped_bit_is_noticed) {
  for (const auto& sample : samples()) {
    BOOST_TEST(sample.decode(sample.key, sample.value) == status());
    for (std::size_t bit = 0; bit < 8 * sample.value.size(); ++bit) {
      auto damaged = sample.value;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
      BOOST_TEST(sample.decode(sample.key, damaged).code() == status_code::data_loss,
                 sample.name << ", bit " << bit);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_value_that_was_cut_or_grew_is_noticed) {
  for (const auto& sample : samples()) {
    for (std::size_t size = 0; size < sample.value.size(); ++size) {
      BOOST_TEST(sample.decode(sample.key, sample.value.substr(0, size)).code() ==
                 status_code::data_loss);
    }
    BOOST_TEST(sample.decode(sample.key, sample.value + '\0').code() == status_code::data_loss);
  }
}

BOOST_AUTO_TEST_CASE(a_value_under_another_key_is_noticed) {
  for (const auto& sample : samples()) {
    auto other = sample.key;
    other.back() = static_cast<char>(other.back() ^ 1);
    BOOST_TEST(sample.decode(other, sample.value).code() == status_code::data_loss, sample.name);
  }
}

BOOST_AUTO_TEST_CASE(a_value_of_another_kind_is_noticed) {
  auto value = encode_index(snapshot_key, log_offset{1});
  BOOST_TEST(decode_snapshot(snapshot_key, value).error().code() == status_code::data_loss);
}

BOOST_AUTO_TEST_CASE(a_record_of_a_later_version_says_that_perdure_is_too_old) {
  auto later = encode_index(index_entry_key, log_offset{258});
  later[0] = 2;
  auto s =
      decode_index(index_entry_key, resealed(later, record_kind::index, index_entry_key)).error();
  BOOST_TEST(s.code() == status_code::failed_precondition);
  BOOST_TEST(s.message().find("newer Perdure") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_version_that_never_was_is_damage) {
  auto value = encode_index(index_entry_key, log_offset{258});
  value[0] = 0;
  auto s =
      decode_index(index_entry_key, resealed(value, record_kind::index, index_entry_key)).error();
  BOOST_TEST(s.code() == status_code::data_loss);
}

BOOST_AUTO_TEST_CASE(a_store_of_no_shards_is_damage) {
  auto value = encode_store("store", {0, timestamp{}});
  BOOST_TEST(decode_store("store", value).error().code() == status_code::data_loss);
}

BOOST_AUTO_TEST_CASE(a_sound_checksum_over_fields_that_do_not_fit_is_damage) {
  for (const auto& sample : samples()) {
    auto sealed = [&](std::string value) { return resealed(value, sample.kind, sample.key); };
    auto with_checksum_bytes = [](std::string_view body) { return std::string(body) + "checksum"; };
    auto body = std::string_view(sample.value).substr(0, sample.value.size() - 8);
    BOOST_TEST(sample.decode(sample.key, sealed(with_checksum_bytes(body))) == status());
    for (std::size_t size = 0; size < body.size(); ++size) {
      auto shorter = sealed(with_checksum_bytes(body.substr(0, size)));
      BOOST_TEST(sample.decode(sample.key, shorter).code() == status_code::data_loss,
                 sample.name << ", " << size << " bytes");
    }
    auto longer = sealed(with_checksum_bytes(body) + '\0');
    BOOST_TEST(sample.decode(sample.key, longer).code() == status_code::data_loss, sample.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
