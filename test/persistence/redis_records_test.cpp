// Records in Redis: the bytes that docs/formats.md shows, the way back, and what is noticed when
// they are not what was written. The golden bytes must never change: they lie in our users' Redis.

#include "persistence/redis_records.hpp"

#include <xxhash.h>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "persistence/redis_keys.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
namespace records = perdure::persistence::redis_records;

namespace {

constexpr std::uint64_t sample_time = 0x018bcfe568000007;  // 2023-11-14T22:13:20Z, counter 7
const auto sample_wall = hybrid_time{sample_time}.wall();
const std::string id = "0123456789abcdef0123456789abcdef";

struct sample {
  std::string name;
  std::uint64_t kind;
  std::string key;
  std::string bytes;
  std::function<status(std::string_view key, std::string_view bytes)> decode;
};

new_mail sample_mail() {
  new_mail m;
  m.target = {"account", "a1"};
  m.method = "m.B";
  m.payload = "abc";
  m.metadata = {{"n", "v"}};
  m.idempotency_key = "k";
  m.command_id = "id";
  m.hops = 2;
  return m;
}

step sample_step() {
  step s;
  s.entity = {"cart", "c1"};
  s.shard_epoch = epoch{2};
  s.region = region_id{1};
  s.time = {sample_time};
  s.trace_parent = "tp";
  s.mail = std::make_shared<mail_effects>();
  s.mail->mail = {sample_mail()};
  s.mail->timers = {
      {"t", {}},
      {"u", timer_change::timer{sample_wall, std::chrono::milliseconds(5), sample_mail()}}};
  return s;
}

new_message sample_message() {
  new_message m;
  m.topic = "t";
  m.key = "k";
  m.id = "i";
  m.source = "s";
  m.type = "d.E";
  m.content_type = "c";
  m.sequence = sequence_nr{5};
  m.payload = "abc";
  m.trace_parent = "tp";
  m.metadata = {{"n", "v"}};
  return m;
}

// As sample_step(), and it publishes that message and a tombstone.
step publishing_step() {
  auto s = sample_step();
  auto tombstone = new_message{};
  tombstone.key = "k";
  s.mail->mail.clear();
  s.mail->timers.clear();
  s.mail->topics.messages = {sample_message(), tombstone};
  return s;
}

const auto keys = perdure::persistence::redis_keys(shard_id{3});
const std::string entity_name = keys.entity({"cart", "c1"});
const std::string reply_name = keys.reply({"cart", "c1"}, {"m.A", "k"});
const std::string outcome_name = keys.outcome({"cart", "c1"}, "id");

template <class Record>
auto by(result<Record> (*decode)(std::string_view, std::string_view)) {
  return
      [decode](std::string_view key, std::string_view bytes) { return decode(key, bytes).error(); };
}

std::vector<sample> samples() {
  auto s = sample_step();
  return {
      {"store", 1, std::string(redis_store_key), records::encode_store({16, sample_wall, id}),
       [](std::string_view, std::string_view bytes) {
         return records::decode_store(bytes).error();
       }},
      {"event", 2, keys.log(),
       records::encode_event(keys.log(), s, sequence_nr{5}, {"d.E", "abc", {{"n", "v"}}}),
       by(records::decode_event)},
      {"state", 3, entity_name,
       records::encode_state(entity_name, {sequence_nr{5}, "d.S", "xyz", timestamp::max()}),
       by(records::decode_state)},
      {"reply", 4, reply_name,
       records::encode_reply(reply_name, {sample_time}, {0x1122334455667788, "ok"}),
       by(records::decode_reply)},
      {"outcome", 5, outcome_name,
       records::encode_outcome(outcome_name, {sample_time},
                               {"id", {status_code::not_found, "no"}, ""}),
       by(records::decode_outcome)},
      {"outbox", 6, keys.outbox(), records::encode_outbox(keys.outbox(), s),
       by(records::decode_outbox)},
      {"outbox with messages", 6, keys.outbox(),
       records::encode_outbox(keys.outbox(), publishing_step()), by(records::decode_outbox)},
  };
}

// Of what a sound record of `bytes` without checksum would be, had a newer Perdure written it.
std::string sealed(const sample& of, std::string bytes) {
  auto seed = XXH3_64bits_withSeed(of.key.data(), of.key.size(), of.kind);
  auto sum = XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(sum >> shift);
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_records)

BOOST_AUTO_TEST_CASE(records_are_the_bytes_of_the_document) {
  std::map<std::string, std::string> bytes;
  for (const auto& s : samples()) bytes[s.name] = hex(s.bytes);
  BOOST_TEST(bytes["store"] ==
             "01 00 00 00 07 70 65 72 64 75 72 65 00 00 00 10 00 00 01 8b cf e5 68 00 00 00 00 20 "
             "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 "
             "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 0e 4c 8b c5 f4 6f 5a 18");
  BOOST_TEST(bytes["event"] ==
             "01 00 00 00 00 00 00 00 00 05 01 8b cf e5 68 00 00 07 00 01 00 00 00 02 "
             "00 00 00 04 63 61 72 74 00 00 00 02 63 31 00 00 00 02 74 70 00 00 00 03 64 2e 45 "
             "00 00 00 01 00 00 00 01 6e 00 00 00 01 76 00 00 00 03 61 62 63 "
             "6d f4 03 6c 73 07 9b 52");
  BOOST_TEST(bytes["state"] ==
             "01 00 00 00 00 00 00 00 05 7f ff ff ff ff ff ff ff 00 00 00 03 64 2e 53 "
             "00 00 00 03 78 79 7a cd f9 e5 01 22 7b 4e 66");
  BOOST_TEST(bytes["reply"] ==
             "01 01 8b cf e5 68 00 00 07 11 22 33 44 55 66 77 88 00 00 00 02 6f 6b "
             "84 8c 9e f1 e8 7b 43 f9");
  BOOST_TEST(bytes["outcome"] ==
             "01 01 8b cf e5 68 00 00 07 00 00 00 02 69 64 00 00 00 05 00 00 00 02 6e 6f "
             "00 00 00 00 80 f9 3a 86 46 b8 d0 6e");
  const std::string mail =
      "00 00 00 07 61 63 63 6f 75 6e 74 00 00 00 02 61 31 00 00 00 03 6d 2e 42 "
      "00 00 00 03 61 62 63 00 00 00 01 00 00 00 01 6e 00 00 00 01 76 00 00 00 01 6b "
      "00 00 00 02 69 64 00 00 00 02 ";
  BOOST_TEST(bytes["outbox"] ==
             "01 01 8b cf e5 68 00 00 07 00 00 00 04 63 61 72 74 00 00 00 02 63 31 "
             "00 00 00 01 " +
                 mail +
                 "00 00 00 02 00 00 00 01 74 00 00 00 00 01 75 01 "
                 "00 00 01 8b cf e5 68 00 00 00 00 00 00 00 00 05 " +
                 mail + "00 29 37 41 53 83 de 70");
  BOOST_TEST(bytes["outbox with messages"] ==
             "02 01 8b cf e5 68 00 00 07 00 00 00 04 63 61 72 74 00 00 00 02 63 31 "
             "00 00 00 00 00 00 00 00 00 00 00 02 "
             "00 00 00 01 74 00 00 00 01 6b 00 00 00 01 69 00 00 00 01 73 00 00 00 03 64 2e 45 "
             "00 00 00 01 63 01 00 00 00 00 00 00 00 05 00 00 00 02 74 70 "
             "00 00 00 01 00 00 00 01 6e 00 00 00 01 76 01 00 00 00 03 61 62 63 "
             "00 00 00 00 00 00 00 01 6b 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
             "00 00 00 00 00 00 00 00 00 e4 c4 a8 59 4e 3c 3a 74");
}

BOOST_AUTO_TEST_CASE(an_event_is_read_as_it_was_written) {
  auto all = samples();
  auto event = records::decode_event(keys.log(), all[1].bytes);
  BOOST_REQUIRE(event.ok());
  BOOST_TEST((event->event == stored_event{.entity = {"cart", "c1"},
                                           .sequence = sequence_nr{5},
                                           .offset = log_offset{0},
                                           .time = {sample_time},
                                           .region = region_id{1},
                                           .trace_parent = "tp",
                                           .type = "d.E",
                                           .payload = "abc",
                                           .metadata = {{"n", "v"}}}));
  BOOST_TEST((event->shard_epoch == epoch{2}));
  BOOST_TEST(!event->is_state);

  auto s = sample_step();
  s.kind = step_kind::key_value;
  auto bytes = records::encode_event(keys.log(), s, sequence_nr{5}, {"d.E", "abc"});
  event = records::decode_event(keys.log(), bytes);
  BOOST_TEST(event->is_state);
  BOOST_TEST(event->event.payload == "");
}

BOOST_AUTO_TEST_CASE(other_records_are_read_as_they_were_written) {
  auto all = samples();
  BOOST_TEST((*records::decode_store(all[0].bytes) == records::store_record{16, sample_wall, id}));
  auto state = records::decode_state(entity_name, all[2].bytes);
  BOOST_TEST((*state == stored_snapshot{sequence_nr{5}, "d.S", "xyz"}));
  BOOST_TEST((state->expires == timestamp::max()));
  auto reply = records::decode_reply(reply_name, all[3].bytes);
  BOOST_TEST((reply->reply == recorded_reply{0x1122334455667788, "ok"}));
  auto outcome = records::decode_outcome(outcome_name, all[4].bytes);
  BOOST_TEST((outcome->outcome == command_outcome{"id", {status_code::not_found, "no"}, ""}));
  BOOST_TEST(outcome->time.bits == sample_time);
  auto outbox = records::decode_outbox(keys.outbox(), all[5].bytes);
  BOOST_TEST((outbox->entity == entity_key{"cart", "c1"}));
  BOOST_TEST((outbox->effects.mail == sample_step().mail->mail));
  BOOST_TEST((outbox->effects.timers == sample_step().mail->timers));
  outbox = records::decode_outbox(keys.outbox(), all[6].bytes);
  BOOST_REQUIRE(outbox.ok());
  BOOST_TEST(outbox->effects.mail.empty());
  BOOST_TEST((outbox->effects.topics.messages == publishing_step().mail->topics.messages));
}

BOOST_AUTO_TEST_CASE(any_flipped_bit_is_noticed) {
  for (const auto& s : samples()) {
    BOOST_TEST(s.decode(s.key, s.bytes) == status());
    for (std::size_t i = 0; i < s.bytes.size(); ++i) {
      auto flipped = s.bytes;
      flipped[i] ^= 0x10;
      BOOST_TEST(s.decode(s.key, flipped).code() == status_code::data_loss, s.name);
    }
    for (std::size_t size = 0; size < s.bytes.size(); ++size) {
      BOOST_TEST(s.decode(s.key, s.bytes.substr(0, size)).code() == status_code::data_loss, s.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_under_another_key_or_of_another_kind_is_noticed) {
  auto all = samples();
  for (const auto& s : all) {
    if (s.name != "store") {
      BOOST_TEST(s.decode(s.key + "x", s.bytes).code() == status_code::data_loss, s.name);
    }
    for (const auto& other : all) {
      if (other.kind == s.kind) continue;
      BOOST_TEST(other.decode(s.key, s.bytes).code() == status_code::data_loss, s.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sound_record_that_does_not_hold_its_fields_is_damaged) {
  for (const auto& s : samples()) {
    auto body = s.bytes.substr(0, s.bytes.size() - 8);
    BOOST_TEST(s.decode(s.key, sealed(s, body)) == status());
    BOOST_TEST(s.decode(s.key, sealed(s, body + "x")).code() == status_code::data_loss, s.name);
    for (std::size_t size = 1; size < body.size(); ++size) {
      BOOST_TEST(s.decode(s.key, sealed(s, body.substr(0, size))).code() == status_code::data_loss,
                 s.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_of_a_newer_version_says_so) {
  for (const auto& s : samples()) {
    auto newer = sealed(s, (s.kind == 6 ? "\x03" : "\x02") + std::string("whatever"));
    auto refused = s.decode(s.key, newer);
    BOOST_TEST(refused.code() == status_code::failed_precondition, s.name);
    BOOST_TEST(refused.message().find("newer Perdure") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
