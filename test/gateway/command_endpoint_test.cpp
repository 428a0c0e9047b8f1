#include "gateway/command_endpoint.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>

#include "base/uuid.hpp"
#include "perdure/commands.pb.h"
#include "test/gateway/echo_models.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace std::chrono_literals;

namespace {

// An endpoint, and what came out of it.
struct fixture {
  gateway::service_catalog catalog = testing::echo_catalog();
  manual_clock clock;
  limits bounds;
  std::optional<actors::command> submitted;
  std::optional<actors::command> asked;

  gateway::command_endpoint endpoint() {
    return {{.submit = [this](actors::command c) { submitted = std::move(c); },
             .own = [this](actors::command c) { asked = std::move(c); },
             .open_stream = {}},
            clock,
            bounds};
  }

  received_call call(const std::string& path, std::unique_ptr<google::protobuf::Message> request) {
    received_call c;
    c.method = catalog.find(path);
    BOOST_REQUIRE(c.method);
    c.request_bytes = request->ByteSizeLong();
    c.request = std::move(request);
    return c;
  }

  received_call say(std::string id, const std::string& service = "Echo") {
    auto request = std::make_unique<gateway_test::EchoRequest>();
    request->set_id(std::move(id));
    return call("/gateway_test." + service + "/Say", std::move(request));
  }

  // For an entity whose id is generated.
  received_call open(const std::string& text = {}) {
    auto request = std::make_unique<gateway_test::Keyless>();
    request->set_text(text);
    return call("/gateway_test.Letters/Open", std::move(request));
  }

  static received_call with(const std::multimap<std::string, std::string>& metadata,
                            received_call c) {
    c.metadata.insert(metadata.begin(), metadata.end());
    return c;
  }
  received_call with(const std::multimap<std::string, std::string>& metadata) {
    return with(metadata, say("a"));
  }

  actors::command taken(received_call c) {
    auto made = endpoint().command_of(std::move(c));
    BOOST_REQUIRE_MESSAGE(made.ok(), to_string(made.error()));
    return *std::move(made);
  }

  status_code refusal(received_call c) {
    auto made = endpoint().command_of(std::move(c));
    BOOST_REQUIRE(!made.ok());
    BOOST_TEST_MESSAGE(to_string(made.error()));
    return made.error().code();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(command_endpoint, fixture)

BOOST_AUTO_TEST_CASE(a_call_becomes_a_command_for_its_entity) {
  auto c = say("a/b");
  c.deadline = clock.now() + 5s;
  auto gone = std::make_shared<std::atomic<bool>>(false);
  c.cancelled = gone;
  auto size = c.request_bytes;
  auto made = taken(std::move(c));
  BOOST_TEST(to_string(made.target) == "echo/a/b");
  BOOST_TEST(made.method->full_name() == "gateway_test.Echo.Say");
  BOOST_TEST(dynamic_cast<gateway_test::EchoRequest&>(*made.request).id() == "a/b");
  BOOST_TEST(made.request_bytes == size);
  BOOST_TEST(made.idempotency_key.empty());
  BOOST_CHECK(made.deadline == clock.now() + 5s);
  BOOST_CHECK(made.cancelled == gone);
  BOOST_CHECK(made.way == actors::delivery::direct);
  BOOST_TEST(made.command_id.empty());
}

BOOST_AUTO_TEST_CASE(a_command_is_submitted_as_it_is) {
  auto made = taken(say("a"));
  made.idempotency_key = "once";
  endpoint().submit(std::move(made));
  BOOST_REQUIRE(submitted);
  BOOST_TEST(to_string(submitted->target) == "echo/a");
  BOOST_TEST(submitted->idempotency_key == "once");
  BOOST_TEST(!asked);
}

BOOST_AUTO_TEST_CASE(a_call_without_deadline_gets_the_default) {
  bounds.call_deadline = 7s;
  BOOST_CHECK(taken(say("a")).deadline == clock.now() + 7s);
}

BOOST_AUTO_TEST_CASE(an_empty_or_over_long_key_is_refused) {
  BOOST_CHECK(refusal(say("")) == status_code::invalid_argument);
  BOOST_CHECK(refusal(say(std::string(1 << 20, 'k'))) == status_code::invalid_argument);
  bounds.entity_id_bytes_max = 3;
  BOOST_CHECK(refusal(say("four")) == status_code::invalid_argument);
  taken(say("too"));
}

BOOST_AUTO_TEST_CASE(the_idempotency_key_is_taken_from_the_metadata) {
  BOOST_TEST(taken(with({{"idempotency-key", "once"}})).idempotency_key == "once");
}

BOOST_AUTO_TEST_CASE(a_bad_idempotency_key_is_refused) {
  for (const auto& key : {std::string(), std::string(bounds.idempotency_key_bytes_max + 1, 'k'),
                          std::string("\xC3\x28")}) {
    BOOST_CHECK(refusal(with({{"idempotency-key", key}})) == status_code::invalid_argument);
  }
  BOOST_CHECK(refusal(with({{"idempotency-key", "a"}, {"idempotency-key", "b"}})) ==
              status_code::invalid_argument);
  taken(with({{"idempotency-key", std::string(bounds.idempotency_key_bytes_max, 'k')}}));
}

BOOST_AUTO_TEST_CASE(the_callers_metadata_go_on_without_the_transports) {
  auto made = taken(with({{"traceparent", "00-1-2-01"},
                          {"authorization", "secret"},
                          {"tag", "1"},
                          {"tag", "2"},
                          {"user-agent", "test"},
                          {":path", "/x"},
                          {"te", "trailers"},
                          {"grpc-timeout", "1S"},
                          {"grpc-tags-bin", "x"},
                          {"content-type", "application/grpc"}}));
  perdure::metadata expected{{"traceparent", "00-1-2-01"},
                             {"authorization", "secret"},
                             {"tag", "1"},
                             {"tag", "2"},
                             {"user-agent", "test"}};
  BOOST_CHECK(made.metadata == expected);
}

BOOST_AUTO_TEST_CASE(metadata_over_their_bound_are_refused) {
  bounds.metadata_bytes_max = 10;
  BOOST_CHECK(refusal(with({{"name", "1234567"}})) == status_code::resource_exhausted);
  taken(with({{"name", "123456"}}));
}

BOOST_AUTO_TEST_CASE(a_request_over_its_bound_is_refused) {
  auto c = say("a");
  c.request_bytes = bounds.message_bytes_max + 1;
  BOOST_CHECK(refusal(std::move(c)) == status_code::resource_exhausted);
}

BOOST_AUTO_TEST_CASE(what_is_named_as_ours_reaches_no_handler) {
  auto made = taken(with({{"perdure-command-id", "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934"},
                          {"perdure-send", "true"},
                          {"perdure-anything", "x"},
                          {"perdure", "y"}}));
  BOOST_CHECK(made.metadata == (perdure::metadata{{"perdure", "y"}}));
  BOOST_TEST(made.command_id != "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934");
}

BOOST_AUTO_TEST_CASE(a_call_that_is_to_be_sent_gets_a_fresh_id) {
  auto first = taken(with({{"perdure-send", "true"}}));
  auto second = taken(with({{"perdure-send", "true"}}));
  BOOST_CHECK(first.way == actors::delivery::sent);
  BOOST_TEST(parse_uuid(first.command_id).has_value());
  BOOST_TEST(parse_uuid(second.command_id).has_value());
  BOOST_TEST(first.command_id != second.command_id);
}

BOOST_AUTO_TEST_CASE(metadata_count_before_what_the_transport_prefers) {
  auto way = [&](const std::multimap<std::string, std::string>& metadata) {
    auto c = with(metadata);
    c.prefers_sending = true;
    return taken(std::move(c)).way;
  };
  BOOST_CHECK(way({}) == actors::delivery::sent);
  BOOST_CHECK(way({{"perdure-send", "true"}}) == actors::delivery::sent);
  BOOST_CHECK(way({{"perdure-send", "false"}}) == actors::delivery::direct);
}

BOOST_AUTO_TEST_CASE(another_word_for_sending_is_refused) {
  for (const auto* word : {"maybe", "", "True", "1", "true, true"}) {
    BOOST_CHECK(refusal(with({{"perdure-send", word}})) == status_code::invalid_argument);
  }
  BOOST_CHECK(refusal(with({{"perdure-send", "true"}, {"perdure-send", "true"}})) ==
              status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_method_with_a_durable_mailbox_uses_it) {
  auto made = taken(say("a", "Letters"));
  BOOST_CHECK(made.way == actors::delivery::mailbox);
  BOOST_TEST(parse_uuid(made.command_id).has_value());
  auto sent = taken(with({{"perdure-send", "true"}}, say("a", "Letters")));
  BOOST_CHECK(sent.way == actors::delivery::sent);
}

BOOST_AUTO_TEST_CASE(a_retry_has_the_id_of_the_first_and_nothing_else_has) {
  auto id_of = [&](received_call c, const std::string& key) {
    return taken(with({{"perdure-send", "true"}, {"idempotency-key", key}}, std::move(c)))
        .command_id;
  };
  auto first = id_of(say("a"), "once");
  BOOST_TEST(parse_uuid(first).has_value());
  BOOST_TEST(id_of(say("a"), "once") == first);

  auto with_text = say("a");
  dynamic_cast<gateway_test::EchoRequest&>(*with_text.request).set_text("other");
  BOOST_TEST(id_of(std::move(with_text), "once") != first);
  BOOST_TEST(id_of(say("a"), "twice") != first);
  BOOST_TEST(id_of(say("b"), "once") != first);
  BOOST_TEST(id_of(say("a", "Letters"), "once") != first);
}

BOOST_AUTO_TEST_CASE(an_id_is_generated_where_the_request_has_no_key) {
  auto first = taken(open()), second = taken(open());
  BOOST_TEST(first.target.type == "letters");
  BOOST_TEST(parse_uuid(first.target.id).has_value());
  BOOST_TEST(first.target.id != second.target.id);
  BOOST_CHECK(first.way == actors::delivery::direct);
}

BOOST_AUTO_TEST_CASE(a_retry_of_a_call_with_a_generated_id_is_for_the_same_entity) {
  auto id_of = [&](received_call c, const std::string& key) {
    return taken(with({{"idempotency-key", key}}, std::move(c))).target.id;
  };
  auto first = id_of(open(), "once");
  BOOST_TEST(parse_uuid(first).has_value());
  BOOST_TEST(id_of(open(), "once") == first);
  BOOST_TEST(id_of(open(), "twice") != first);
  // It is for the entity to see that the key is used with another request.
  BOOST_TEST(id_of(open("other"), "once") == first);
}

BOOST_AUTO_TEST_CASE(a_question_about_a_command_is_no_command) {
  auto request = std::make_unique<v1::GetCommandRequest>();
  request->set_id("9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934");
  auto question =
      taken(with({{"perdure-send", "true"}}, call("/perdure.v1.Commands/Get", std::move(request))));
  BOOST_CHECK(question.way == actors::delivery::direct);
  endpoint().submit(std::move(question));
  BOOST_TEST(!submitted);
  BOOST_REQUIRE(asked);
  BOOST_TEST(asked->method->full_name() == "perdure.v1.Commands.Get");
}

BOOST_AUTO_TEST_SUITE_END()
