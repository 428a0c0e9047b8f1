// Records and CloudEvents, both ways.

#include <boost/test/unit_test.hpp>

#include <string>

#include "pubsub/cloud_event.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

cloud_event read(const topic_record& record) {
  auto event = read_cloud_event(record);
  BOOST_REQUIRE_MESSAGE(event.ok(), event.error());
  return *event;
}

topic_record structured(const std::string& json,
                        const std::string& content_type = "application/cloudevents+json") {
  topic_record record;
  record.key = "key";
  record.headers = {{"content-type", content_type}};
  record.payload = json;
  return record;
}

// As it stands in Kafka.
topic_record written(topic_record record) {
  auto event = read_cloud_event(std::move(record));
  BOOST_REQUIRE_MESSAGE(event.ok(), event.error());
  return as_written(std::move(record), *event);
}

persistence::stored_message sample() {
  persistence::stored_message m;
  m.message = {.topic = "t",
               .key = "cart-1",
               .id = "shopping-cart/cart-1/7",
               .source = "cart",
               .type = "cart.domain.ItemAdded",
               .content_type = "",
               .sequence = sequence_nr{7},
               .payload = "\0bytes"s,
               .trace_parent = "00-1-2-01",
               .metadata = {{"user", "ann"}, {"raw-bin", "\xff\0"s}}};
  m.offset = topic_offset{3};
  m.time = timestamp{1'359'676'799'250ms};
  return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cloud_event)

BOOST_AUTO_TEST_CASE(a_message_has_the_headers_that_people_expect) {
  std::vector<std::pair<std::string, std::string>> expected{
      {"ce-specversion", "1.0"},
      {"ce-id", "shopping-cart/cart-1/7"},
      {"ce-source", "cart"},
      {"ce-type", "cart.domain.ItemAdded"},
      {"ce-subject", "cart-1"},
      {"ce-time", "2013-01-31T23:59:59.250Z"},
      {"ce-sequence", "7"},
      {"ce-datacontenttype", "application/protobuf"},
      {"content-type", "application/protobuf"},
      {"traceparent", "00-1-2-01"},
      {"raw-bin", "\xff\0"s},
      {"user", "ann"}};
  BOOST_TEST((headers_of(sample()) == expected));
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_again) {
  auto record = record_of(sample());
  BOOST_TEST(value(record.offset) == 3);
  BOOST_TEST(record.key.value() == "cart-1");
  auto event = read(record);
  BOOST_TEST(event.id == "shopping-cart/cart-1/7");
  BOOST_TEST(event.source == "cart");
  BOOST_TEST(event.type == "cart.domain.ItemAdded");
  BOOST_TEST(event.subject == "cart-1");
  BOOST_TEST(event.content_type == "application/protobuf");
  BOOST_TEST(event.sequence.value() == 7);
  BOOST_TEST((event.time == sample().time));
  BOOST_TEST(event.trace_parent == "00-1-2-01");
  BOOST_TEST(event.payload.value() == "\0bytes"s);
  BOOST_TEST((event.metadata == sample().message.metadata));
}

BOOST_AUTO_TEST_CASE(what_was_read_can_be_written_again) {
  auto of_ours = written(record_of(sample()));
  metadata headers;
  for (const auto& [name, text] : headers_of(sample())) headers.emplace(name, text);
  BOOST_TEST((of_ours.headers == headers));
  BOOST_TEST(of_ours.payload.value() == "\0bytes"s);
  BOOST_TEST(read(of_ours).id == read(record_of(sample())).id);

  topic_record foreign;
  foreign.headers = {{"ce_type", "a.B"}, {"Content-Type", "x"}, {"own", "1"}};
  foreign.payload = "text";
  BOOST_TEST((written(foreign).headers == foreign.headers));
  BOOST_TEST(written(foreign).payload.value() == "text");
  topic_record bare;
  bare.key = "k";
  BOOST_TEST(written(bare).headers.empty());
  BOOST_TEST(!written(bare).payload.has_value());
  auto whole = structured(R"({"id": "1", "type": "a.B", "data": 5})");
  BOOST_TEST(written(whole).payload.value() == whole.payload.value());
}

BOOST_AUTO_TEST_CASE(metadata_cannot_pass_for_an_attribute) {
  auto m = sample();
  m.message.metadata = {{"ce-id", "forged"}, {"content-type", "text/plain"}, {"traceparent", "x"}};
  auto event = read(record_of(m));
  BOOST_TEST(event.id == "shopping-cart/cart-1/7");
  BOOST_TEST(event.content_type == "application/protobuf");
  BOOST_TEST(event.trace_parent == "00-1-2-01");
  BOOST_TEST(event.metadata.empty());
}

BOOST_AUTO_TEST_CASE(an_event_of_an_entity_is_such_a_message) {
  persistence::new_event added{"cart.domain.ItemAdded", "\0bytes"s, sample().message.metadata};
  auto m = message_of("t", "cart", {"shopping-cart", "cart-1"}, sequence_nr{7}, added, "00-1-2-01");
  auto expected = sample().message;
  expected.content_type = "application/protobuf";
  BOOST_TEST((m == expected));

  persistence::stored_event stored;
  stored.entity = {"shopping-cart", "cart-1"};
  stored.sequence = sequence_nr{7};
  stored.offset = log_offset{3};
  stored.time = {static_cast<std::uint64_t>(sample().time.time_since_epoch().count()) << 16};
  stored.trace_parent = "00-1-2-01";
  stored.type = added.type;
  stored.payload = added.payload;
  stored.metadata = added.metadata;
  auto record = record_of(stored, "cart");
  auto published = record_of(sample());
  BOOST_TEST((written(record).headers == written(published).headers));
  BOOST_TEST((record.key == published.key && record.payload == published.payload));
  BOOST_TEST((record.offset == published.offset && record.time == published.time));
}

BOOST_AUTO_TEST_CASE(a_deletion_is_a_tombstone_with_its_headers) {
  auto m = message_of("t", "cart", {"shopping-cart", "cart-1"}, sequence_nr{8},
                      persistence::new_event::deletion(), "");
  BOOST_TEST(!m.payload.has_value());
  auto event = read(record_of(persistence::stored_message{m, {}, {}}));
  BOOST_TEST(!event.payload.has_value());
  BOOST_TEST(event.id == "shopping-cart/cart-1/8");
  BOOST_TEST(event.type == "google.protobuf.Empty");
  BOOST_TEST(event.sequence.value() == 8);

  persistence::stored_event stored;
  stored.entity = {"shopping-cart", "cart-1"};
  BOOST_TEST(!record_of(stored, "cart").payload.has_value());
}

BOOST_AUTO_TEST_CASE(a_record_without_headers_has_what_the_record_tells) {
  topic_record record;
  record.time = timestamp{5s};
  record.payload = "text";
  auto event = read(record);
  BOOST_TEST(event.id + event.source + event.type + event.subject + event.content_type == "");
  BOOST_TEST(!event.sequence.has_value());
  BOOST_TEST((event.time == timestamp{5s}));
  BOOST_TEST(event.payload.value() == "text");
  record.key = "key";
  record.time = timestamp{-1ms};  // none, in Kafka
  record.payload.reset();
  event = read(record);
  BOOST_TEST(event.subject == "key");
  BOOST_TEST(!event.time.has_value());
  BOOST_TEST(!event.payload.has_value());
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_as_if_it_was_not_there) {
  topic_record record;
  record.headers = {{"ce-time", "yesterday"}, {"ce-sequence", "-7"}, {"ce-", "?"}, {"", "!"}};
  auto event = read(record);
  BOOST_TEST(!event.time.has_value());
  BOOST_TEST(!event.sequence.has_value());
  BOOST_TEST(event.metadata.size() == 2);
  for (const auto* number : {"", "7x", "18446744073709551616", "0x7", " 7"}) {
    record.headers = {{"ce-sequence", number}};
    BOOST_TEST_CONTEXT(number) { BOOST_TEST(!read(record).sequence.has_value()); }
  }
}

BOOST_AUTO_TEST_CASE(foreign_writers_spell_it_in_other_ways) {
  topic_record record;
  record.headers = {{"ce_type", "type.googleapis.com/air.Flight"},
                    {"ce_id", "1"},
                    {"ce_dataschema", "s"},
                    {"content-type", "Application/JSON; charset=utf-8"}};
  auto event = read(record);
  BOOST_TEST(event.type == "air.Flight");
  BOOST_TEST(event.id == "1");
  BOOST_TEST(event.content_type == "application/json");
  BOOST_TEST((event.metadata == perdure::metadata{{"ce_dataschema", "s"}}));
  record.headers.emplace("ce-datacontenttype", "text/plain");
  BOOST_TEST(read(record).content_type == "text/plain");
  record.headers = {{"ce-datacontenttype", "Text/Plain; charset=utf-8"}};
  BOOST_TEST(read(record).content_type == "text/plain");
}

BOOST_AUTO_TEST_CASE(an_event_in_json_is_read_as_any_other) {
  auto event = read(structured(
      R"({"specversion":"1.0","id":"9","source":"/s","type":"x/air.Flight","subject":"N1",
          "time":"2013-01-01T12:00:00.5+02:00","sequence":"4","datacontenttype":"application/json",
          "traceparent":"00-1","Gate":7,"data":{"delay":[1,2.5,true,null,"\u00e9"]}})",
      "Application/CloudEvents+JSON; charset=utf-8"));
  BOOST_TEST(event.id == "9");
  BOOST_TEST(event.source == "/s");
  BOOST_TEST(event.type == "air.Flight");
  BOOST_TEST(event.subject == "N1");
  BOOST_TEST(event.sequence.value() == 4);
  BOOST_TEST((event.time ==
              timestamp{std::chrono::sys_days(std::chrono::year(2013) / 1 / 1) + 10h + 500ms}));
  BOOST_TEST(event.content_type == "application/json");
  BOOST_TEST(event.trace_parent == "00-1");
  BOOST_TEST((event.metadata == perdure::metadata{{"gate", "7"}}));
  BOOST_TEST(event.payload.value() == "{\"delay\":[1,2.5,true,null,\"\u00e9\"]}");
}

BOOST_AUTO_TEST_CASE(its_data_may_be_text_bytes_or_nothing) {
  auto head = R"({"id":"9","type":"t",)"s;
  BOOST_TEST(read(structured(head + R"("data":"a b"})")).payload.value() == "\"a b\"");
  BOOST_TEST(read(structured(head + R"("data":3})")).content_type == "application/json");
  auto text = read(structured(head + R"("datacontenttype":"text/plain","data":"a b"})"));
  BOOST_TEST(text.payload.value() == "a b");
  for (const auto& [encoded, bytes] :
       {std::pair("AP8B"s, "\0\xff\1"s), {"AP8=", "\0\xff"s}, {"AA==", "\0"s}, {"", ""s}}) {
    auto json = head + R"("datacontenttype":"application/protobuf","data_base64":")" + encoded;
    BOOST_TEST(read(structured(json + "\"}")).payload.value() == bytes);
  }
  BOOST_TEST(read(structured(head + R"("data":null})")).payload.value() == "");
  auto tombstone = structured("");
  tombstone.payload.reset();
  BOOST_TEST(!read(tombstone).payload.has_value());
  BOOST_TEST(read(tombstone).subject == "key");
}

BOOST_AUTO_TEST_CASE(what_claims_to_be_an_event_in_json_and_is_none_is_refused) {
  auto head = R"({"id":"9","type":"t",)"s;
  for (const auto& json :
       {""s, "{"s, "[]"s, "{}"s, R"({"id":"9"})"s, "\xff"s, head + R"("data_base64":"A"})",
        head + R"("data_base64":"A==="})", head + R"("data_base64":"****"})",
        head + R"("data_base64":1})", head + R"("data":1,"data_base64":"AA=="})",
        head + R"("data":)" + std::string(1'000'000, '[')}) {
    auto event = read_cloud_event(structured(json));
    BOOST_TEST_CONTEXT(json.substr(0, 60)) {
      BOOST_TEST(event.error().code() == status_code::invalid_argument);
      BOOST_TEST(event.error().message().find("at offset 0") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(subjects_differ_where_their_sequences_do) {
  auto subject = [](const std::string& id, const std::string& of, const std::string& source = "s") {
    pubsub::cloud_event event;
    event.id = id;
    event.source = source;
    event.subject = of;
    event.sequence = 7;
    return subject_of(event);
  };
  BOOST_TEST(subject("cart/1/7", "1") == subject("cart/1/7", "1"));
  BOOST_TEST(subject("cart/1/7", "1") != subject("order/1/7", "1"));
  BOOST_TEST(subject("a/b/c/7", "c") != subject("a/b/c/7", "b/c"));
  BOOST_TEST(subject("x", "1", "s1") != subject("x", "1", "s"));
  BOOST_TEST(subject("x", "1", "1:a") != subject("x", "a1", "1:"));
  BOOST_TEST(subject("x", "") == "");
  BOOST_TEST(subject("x", "1", "") == "");
  pubsub::cloud_event untold;
  untold.source = untold.subject = "s";
  BOOST_TEST(subject_of(untold) == "");
}

BOOST_AUTO_TEST_CASE(times_are_those_of_rfc_3339) {
  auto of = [](timestamp time) {
    auto m = sample();
    m.time = time;
    return written(record_of(m));
  };
  auto header = [](const topic_record& record) {
    return std::string(first_value(record.headers, "ce-time"));
  };
  using std::chrono::year;
  for (auto time : {timestamp{}, timestamp{-1ms}, timestamp{std::chrono::sys_days(year(0) / 1 / 1)},
                    timestamp{std::chrono::sys_days(year(10'000) / 1 / 1)} - 1ms}) {
    BOOST_TEST((read(of(time)).time == time));
  }
  BOOST_TEST(header(of(timestamp{-1ms})) == "1969-12-31T23:59:59.999Z");
  BOOST_TEST(header(of(timestamp::max())) == "");
  BOOST_TEST(header(of(timestamp::min())) == "");

  auto time_of = [](const std::string& text) {
    topic_record record;
    record.headers = {{"ce-time", text}};
    return read(record).time;
  };
  BOOST_TEST(
      (time_of("2000-02-29t23:59:60z") == timestamp{std::chrono::sys_days(year(2000) / 3 / 1)}));
  BOOST_TEST((time_of("1970-01-01T00:00:00.0019-00:30") == timestamp{30min + 1ms}));
  for (const auto* wrong :
       {"", "2000", "2000-02-30T00:00:00Z", "2000-13-01T00:00:00Z", "2000-01-01T24:00:00Z",
        "2000-01-01T00:60:00Z", "2000-01-01T00:00:61Z", "2000-01-01T00:00:00", "2000-01-01",
        "2000-01-01T00:00:00.Z", "2000-01-01T00:00:00+24:00", "2000-01-01T00:00:00Z!",
        "20000101T000000Z", "+200-01-01T00:00:00Z"}) {
    BOOST_TEST_CONTEXT(wrong) { BOOST_TEST(!time_of(wrong).has_value()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
