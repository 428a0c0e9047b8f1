// Records of topics and their readers: the bytes that docs/formats.md shows, and the way back. What
// is noticed when they are not what was written stands in rocksdb_records_test.cpp.

#include "persistence/rocksdb_topic_records.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

constexpr timestamp time_of_step{std::chrono::milliseconds(1'700'000'000'000)};

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
  m.metadata = {{"u", "v"}};
  return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_topic_records)

BOOST_AUTO_TEST_CASE(a_message_record_is_the_documented_bytes) {
  auto key = message_key("t", 3, topic_offset{258});
  auto value = encode_message(key, sample_message(), time_of_step, 1000);
  BOOST_TEST(hex(value) ==
             "01 00 00 00 00 00 00 03 e8 00 00 01 8b cf e5 68 00 03 00 00 00 00 00 00 "
             "00 05 00 00 00 01 6b 00 00 00 01 69 00 00 00 01 73 00 00 00 03 64 2e 45 "
             "00 00 00 01 63 00 00 00 02 74 70 00 00 00 01 00 00 00 01 75 00 00 00 01 "
             "76 00 00 00 03 61 62 63 9f 78 5d a2 c1 51 83 ec");
  auto decoded = decode_message(key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((decoded->what == stored_message{sample_message(), topic_offset{258}, time_of_step}));
  BOOST_TEST(decoded->bytes_before == 1000);
}

BOOST_AUTO_TEST_CASE(a_tombstone_is_the_documented_bytes) {
  auto key = message_key("t", 3, topic_offset{258});
  new_message tombstone;
  tombstone.topic = "t";
  tombstone.key = "k";
  auto value = encode_message(key, tombstone, time_of_step, 1000);
  BOOST_TEST(hex(value) ==
             "01 00 00 00 00 00 00 03 e8 00 00 01 8b cf e5 68 00 00 00 00 00 01 6b 00 "
             "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 52 "
             "2e c1 be 35 42 8a 7b");
  auto decoded = decode_message(key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((decoded->what.message == tombstone));
  BOOST_TEST(!decoded->what.message.payload.has_value());

  tombstone.payload = "";  // which is something else
  decoded = decode_message(key, encode_message(key, tombstone, time_of_step, 1000));
  BOOST_TEST((decoded->what.message == tombstone));
}

BOOST_AUTO_TEST_CASE(a_record_of_what_was_trimmed_is_the_documented_bytes) {
  auto key = partition_prefix("t", 3);
  auto value = encode_trimmed(key, {topic_offset{258}, 1000});
  BOOST_TEST(hex(value) ==
             "01 00 00 00 00 00 00 01 02 00 00 00 00 00 00 03 e8 4d 7b e9 38 37 9a 99 "
             "b5");
  auto decoded = decode_trimmed(key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((decoded->first == topic_offset{258}));
  BOOST_TEST(decoded->bytes_before == 1000);
}

BOOST_AUTO_TEST_CASE(a_held_record_is_the_documented_bytes) {
  auto key = held_key({"r", "k", 258});
  held_message held;
  held.partition = 3;
  held.what = {sample_message(), topic_offset{7}, time_of_step};
  held.attempts = 2;
  held.failed_at = time_of_step;
  held.retry_at = timestamp::max();
  held.error = "why";
  auto value = encode_held(key, held);
  BOOST_TEST(hex(value) ==
             "01 00 00 00 02 00 00 01 8b cf e5 68 00 7f ff ff ff ff ff ff ff 00 00 00 "
             "03 77 68 79 00 00 00 01 74 00 00 00 03 00 00 00 00 00 00 00 07 00 00 01 "
             "8b cf e5 68 00 03 00 00 00 00 00 00 00 05 00 00 00 01 6b 00 00 00 01 69 "
             "00 00 00 01 73 00 00 00 03 64 2e 45 00 00 00 01 63 00 00 00 02 74 70 00 "
             "00 00 01 00 00 00 01 75 00 00 00 01 76 00 00 00 03 61 62 63 ac 09 b4 d5 "
             "0f 7d 8a e4");
  auto decoded = decode_held(key, value);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST((*decoded == held));
}

BOOST_AUTO_TEST_CASE(the_numbers_of_readers_are_the_documented_bytes) {
  struct sample {
    record_kind kind;
    std::string key;
    std::uint64_t n;
    std::string bytes;
  };
  for (const auto& [kind, key, n, bytes] :
       {sample{record_kind::cursor, cursor_key("r", 3), 258,
               "01 00 00 00 00 00 00 01 02 86 b0 df 78 9d 6b 5b 52"},
        sample{record_kind::pause, reader_prefix("r"), 1,
               "01 00 00 00 00 00 00 00 01 d5 92 a2 ae ee 57 d0 34"},
        sample{record_kind::seen, seen_key({"r", "s", 0}), 5,
               "01 00 00 00 00 00 00 00 05 f1 41 2a 97 2a f1 f7 9e"}}) {
    auto value = encode_number(kind, key, n);
    BOOST_TEST(hex(value) == bytes);
    BOOST_TEST(*decode_number(kind, key, value) == n);
  }
}

BOOST_AUTO_TEST_SUITE_END()
