// Records of what steps set off: the bytes that docs/formats.md shows, and the way back. What is
// noticed when they are not what was written stands in rocksdb_records_test.cpp.

#include "persistence/rocksdb_mail_records.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "persistence/rocksdb_keys.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

const entity_key entity{"cart", "c1"};
constexpr hybrid_time time_of_step{0x018bcfe568000007};  // 2023-11-14T22:13:20Z, counter 7

new_mail sample_mail() {
  return {.target = entity,
          .method = "m.A",
          .payload = "abc",
          .metadata = {{"u", "v"}},
          .idempotency_key = "k",
          .command_id = "id",
          .hops = 2,
          .position = mail_position{258}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_mail_records)

BOOST_AUTO_TEST_CASE(a_mail_record_is_the_documented_bytes) {
  auto key = mailbox_key(entity, mail_position{258});
  auto value = encode_mail(key, sample_mail(), time_of_step);
  BOOST_TEST(hex(value) ==
             "01 01 8b cf e5 68 00 00 07 00 00 00 02 00 00 00 03 6d 2e 41 00 00 00 03 "
             "61 62 63 00 00 00 01 00 00 00 01 75 00 00 00 01 76 00 00 00 01 6b 00 00 "
             "00 02 69 64 2b 21 20 0e 70 f7 e7 6e");
  auto decoded = decode_mail(key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((*decoded == stored_mail{sample_mail(), time_of_step}));
}

BOOST_AUTO_TEST_CASE(a_timer_record_is_the_documented_bytes) {
  auto key = timer_key({"cart", "c2"}, "t");
  timer_change::timer timer{time_of_step.wall(), std::chrono::milliseconds(1000), sample_mail()};
  auto value = encode_timer(key, 9, timer);
  BOOST_TEST(hex(value) ==
             "01 00 00 00 00 00 00 00 09 00 00 01 8b cf e5 68 00 00 00 00 00 00 00 03 "
             "e8 00 00 00 04 63 61 72 74 00 00 00 02 63 31 00 00 00 02 00 00 00 03 6d "
             "2e 41 00 00 00 03 61 62 63 00 00 00 01 00 00 00 01 75 00 00 00 01 76 00 "
             "00 00 01 6b 00 00 00 02 69 64 ae 64 08 9e 3c d8 08 11");
  auto decoded = decode_timer(key, value);
  BOOST_REQUIRE(decoded.ok());
  timer.what.position = {};
  BOOST_TEST((*decoded == stored_timer{{"cart", "c2"}, "t", 9, timer}));
}

BOOST_AUTO_TEST_CASE(a_due_record_is_the_documented_bytes) {
  auto key = due_key(time_of_step.wall(), timer_key({"cart", "c2"}, "t"));
  auto value = encode_number(record_kind::due, key, 9);
  BOOST_TEST(hex(value) == "01 00 00 00 00 00 00 00 09 91 ee f3 15 58 5a 2e 97");
  BOOST_TEST(*decode_number(record_kind::due, key, value) == 9);
}

BOOST_AUTO_TEST_CASE(a_command_record_is_the_documented_bytes) {
  command_record accepted{entity, "m.A", time_of_step, false, {}, {}};
  auto value = encode_command("id", accepted);
  BOOST_TEST(hex(value) ==
             "01 01 8b cf e5 68 00 00 07 00 00 00 00 00 00 00 00 04 63 61 72 74 00 00 "
             "00 02 63 31 00 00 00 03 6d 2e 41 00 00 00 00 00 00 00 00 2d 01 b7 53 61 "
             "31 a0 93");
  BOOST_TEST((*decode_command("id", value) == accepted));

  command_record done{entity, "m.A", time_of_step, true, {}, "ok"};
  value = encode_command("id", done);
  BOOST_TEST(hex(value) ==
             "01 01 8b cf e5 68 00 00 07 01 00 00 00 00 00 00 00 04 63 61 72 74 00 00 "
             "00 02 63 31 00 00 00 03 6d 2e 41 00 00 00 00 00 00 00 02 6f 6b 8f 29 76 "
             "b5 b7 b5 ed 74");
  BOOST_TEST((*decode_command("id", value) == done));

  done.result = status(status_code::not_found, "no");
  done.reply.clear();
  BOOST_TEST((*decode_command("id", encode_command("id", done)) == done));
}

BOOST_AUTO_TEST_CASE(a_deletion_record_is_the_documented_bytes) {
  auto key = deletion_key(time_of_step, entity_prefix(entity));
  auto value = encode_number(record_kind::deletion, key, 5);
  BOOST_TEST(hex(value) == "01 00 00 00 00 00 00 00 05 32 d1 48 67 c0 e8 07 b2");
  BOOST_TEST(*decode_number(record_kind::deletion, key, value) == 5);
}

BOOST_AUTO_TEST_CASE(the_records_of_counters_are_the_documented_bytes) {
  auto key = relayed_key(shard_id{3});
  auto value = encode_number(record_kind::relayed, key, 258);
  BOOST_TEST(hex(value) == "01 00 00 00 00 00 00 01 02 e0 08 5f 8f 49 98 cb 1b");
  BOOST_TEST(*decode_number(record_kind::relayed, key, value) == 258);

  value = encode_number(record_kind::number, last_number_key, 258);
  BOOST_TEST(hex(value) == "01 00 00 00 00 00 00 01 02 54 d7 d5 e2 0a 68 a1 12");
  BOOST_TEST(*decode_number(record_kind::number, last_number_key, value) == 258);
}

BOOST_AUTO_TEST_SUITE_END()
