#include "pubsub/message_takers.hpp"

#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "listener.pb.h"
#include "perdure/annotations.pb.h"
#include "test/base/standard_error_of.hpp"

namespace {

using perdure::pubsub::cloud_event;
using perdure::pubsub::message_takers;
using perdure::pubsub::take;
using perdure::pubsub::taken_message;

// Of the topic "talk".
message_takers takers_of_talk() {
  message_takers made{{perdure::pubsub::message_source::kind::topic, "talk"}, false, {}};
  const auto& service = *test::listener::Heard::descriptor()->file()->service(0);
  for (int n = 0; n < service.method_count(); ++n) {
    const auto& in = service.method(n)->options().GetExtension(perdure::method).eventing().in();
    if (in.topic() != "talk") continue;
    made.all.push_back(
        {static_cast<std::size_t>(n), service.method(n), in.ignore(), in.handle_deletes()});
  }
  return made;
}

const message_takers& talk() {
  static const auto takers = takers_of_talk();
  return takers;
}

cloud_event event(std::string type, std::string content_type, std::string payload) {
  cloud_event made;
  made.type = std::move(type);
  made.content_type = std::move(content_type);
  made.payload = std::move(payload);
  return made;
}

std::string heard(const std::string& text) {
  test::listener::Heard message;
  message.set_text(text);
  return message.SerializeAsString();
}

std::string rpc_of(const taken_message& taken) {
  return taken.by == nullptr ? "nobody" : taken.by->descriptor->name();
}

perdure::status refusal(const cloud_event& what) {
  auto taken = take(talk(), what);
  BOOST_TEST_REQUIRE(!taken.ok());
  return taken.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_takers)

BOOST_AUTO_TEST_CASE(a_message_goes_to_the_rpc_whose_request_it_is) {
  for (const auto* content_type : {"application/protobuf", "", "application/octet-stream"}) {
    auto taken = take(talk(), event("test.listener.Heard", content_type, heard("hello")));
    BOOST_TEST_REQUIRE(taken.ok());
    BOOST_TEST(rpc_of(*taken) == "OnHeard");
    BOOST_TEST(static_cast<test::listener::Heard&>(*taken->request).text() == "hello");
  }
}

BOOST_AUTO_TEST_CASE(json_may_have_fields_that_we_do_not_know_and_one_is_told) {
  auto read_all = [] {
    for (const auto* content_type : {"application/json", "text/json", "application/x+json",
                                     "application/json; charset=utf-8"}) {
      const auto* json = R"({"text": "hello", "number": "7", "mood": {"good": true}})";
      auto taken = take(talk(), event("test.listener.Heard", content_type, json));
      BOOST_TEST_REQUIRE(taken.ok());
      BOOST_TEST(rpc_of(*taken) == "OnHeard");
      BOOST_TEST(static_cast<test::listener::Heard&>(*taken->request).number() == 7);
    }
  };
  auto told = perdure::test::standard_error_of(read_all).text;
  BOOST_TEST(std::ranges::count(told, '\n') == 1);
  BOOST_TEST(told.find("which are left out: mood: Cannot find field") != told.npos, told);
  read_all();
}

BOOST_AUTO_TEST_CASE(text_and_bytes_without_a_type_have_rpcs_of_their_own) {
  for (const auto* content_type : {"text/plain", "Text/Plain; charset=utf-8"}) {
    auto text = take(talk(), event("", content_type, "hello"));
    BOOST_TEST_REQUIRE(text.ok());
    BOOST_TEST(rpc_of(*text) == "OnText");
    BOOST_TEST(static_cast<google::protobuf::StringValue&>(*text->request).value() == "hello");
  }

  for (const auto* content_type : {"", "image/png"}) {
    auto bytes = take(talk(), event("", content_type, std::string("\0\xff", 2)));
    BOOST_TEST_REQUIRE(bytes.ok());
    BOOST_TEST(rpc_of(*bytes) == "OnBytes");
    BOOST_TEST(static_cast<google::protobuf::BytesValue&>(*bytes->request).value() ==
               std::string("\0\xff", 2));
  }
}

BOOST_AUTO_TEST_CASE(what_is_ignored_is_given_to_nobody) {
  auto taken = take(talk(), event("test.listener.Overheard", "application/protobuf", "\x01"));
  BOOST_TEST_REQUIRE(taken.ok());
  BOOST_TEST(rpc_of(*taken) == "nobody");
}

BOOST_AUTO_TEST_CASE(a_tombstone_goes_to_who_handles_deletes) {
  cloud_event deleted;
  auto taken = take(talk(), deleted);
  BOOST_TEST_REQUIRE(taken.ok());
  BOOST_TEST(rpc_of(*taken) == "OnSilence");

  auto ignoring = talk();
  ignoring.all.back().ignores = true;
  taken = take(ignoring, deleted);
  BOOST_TEST_REQUIRE(taken.ok());
  BOOST_TEST(rpc_of(*taken) == "nobody");

  auto without = talk();
  without.all.pop_back();
  taken = take(without, deleted);
  BOOST_TEST_REQUIRE(taken.ok());
  BOOST_TEST(rpc_of(*taken) == "nobody");
}

BOOST_AUTO_TEST_CASE(an_unknown_type_is_refused_unless_it_is_ignored) {
  auto strange = event("elsewhere.Strange", "application/protobuf", "");
  auto refused = refusal(strange);
  BOOST_TEST((refused.code() == perdure::status_code::unimplemented));
  BOOST_TEST(refused.message() ==
             "no rpc takes a message of type \"elsewhere.Strange\" with content type "
             "application/protobuf from topic talk; add one, or write ignore_unknown: true");

  auto ignoring = talk();
  ignoring.ignores_unknown = true;
  auto taken = take(ignoring, strange);
  BOOST_TEST_REQUIRE(taken.ok());
  BOOST_TEST(rpc_of(*taken) == "nobody");
}

BOOST_AUTO_TEST_CASE(a_payload_that_is_not_what_it_says_is_refused) {
  using enum perdure::status_code;
  BOOST_TEST((refusal(event("test.listener.Heard", "application/protobuf", "\xff\xff")).code() ==
              invalid_argument));
  BOOST_TEST((refusal(event("test.listener.Heard", "application/json", "{\"text\": ")).code() ==
              invalid_argument));
  BOOST_TEST((refusal(event("test.listener.Heard", "application/json", "{\"text\": 5}")).code() ==
              invalid_argument));
  BOOST_TEST((refusal(event("", "text/plain", "\xff")).code() == invalid_argument));
}

BOOST_AUTO_TEST_CASE(json_without_a_type_goes_to_the_only_rpc_there_is) {
  auto untyped = event("", "application/json", R"({"text": "hello"})");
  BOOST_TEST((refusal(untyped).code() == perdure::status_code::unimplemented));  // there are two

  auto only_one = talk();
  only_one.all.erase(only_one.all.begin() + 1);
  auto taken = take(only_one, untyped);
  BOOST_TEST_REQUIRE(taken.ok());
  BOOST_TEST(rpc_of(*taken) == "OnHeard");
}

BOOST_AUTO_TEST_SUITE_END()
