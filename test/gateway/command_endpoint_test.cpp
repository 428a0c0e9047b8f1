#include "gateway/command_endpoint.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>

#include "test/gateway/echo_models.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace std::chrono_literals;

namespace {

// An endpoint, and what came out of it on either side.
struct fixture {
  gateway::service_catalog catalog = testing::echo_catalog();
  manual_clock clock;
  limits bounds;
  std::optional<actors::command> submitted;
  std::optional<actors::outcome> replied;

  gateway::command_endpoint endpoint() {
    return {[this](actors::command c) { submitted = std::move(c); }, clock, bounds};
  }

  received_call say(std::string id) {
    auto request = std::make_unique<gateway_test::EchoRequest>();
    request->set_id(std::move(id));
    received_call c;
    c.method = catalog.find("/gateway_test.Echo/Say");
    c.request_bytes = request->ByteSizeLong();
    c.request = std::move(request);
    c.reply = [this](actors::outcome done) { replied = std::move(done); };
    return c;
  }

  // The code a refused call was answered with; it must not have gone any further.
  status_code refusal(received_call c) {
    submitted.reset();
    replied.reset();
    endpoint().submit(std::move(c));
    BOOST_TEST(!submitted);
    BOOST_REQUIRE(replied);
    BOOST_TEST_MESSAGE(to_string(replied->result));
    return replied->result.code();
  }

  received_call with(std::multimap<std::string, std::string> metadata) {
    auto c = say("a");
    c.metadata.insert(metadata.begin(), metadata.end());
    return c;
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
  endpoint().submit(std::move(c));
  BOOST_REQUIRE(submitted);
  BOOST_TEST(to_string(submitted->target) == "echo/a/b");
  BOOST_TEST(submitted->method->full_name() == "gateway_test.Echo.Say");
  BOOST_TEST(dynamic_cast<gateway_test::EchoRequest&>(*submitted->request).id() == "a/b");
  BOOST_TEST(submitted->request_bytes == size);
  BOOST_TEST(submitted->idempotency_key.empty());
  BOOST_CHECK(submitted->deadline == clock.now() + 5s);
  BOOST_CHECK(submitted->cancelled == gone);
  BOOST_TEST(!replied);
}

BOOST_AUTO_TEST_CASE(what_the_entity_answers_is_the_reply) {
  endpoint().submit(say("a"));
  BOOST_REQUIRE(submitted);
  submitted->reply({{}, "bytes"});
  BOOST_REQUIRE(replied);
  BOOST_TEST(replied->result.ok());
  BOOST_TEST(replied->reply == "bytes");

  endpoint().submit(say("a"));
  submitted->reply({{status_code::not_found, "nothing there"}, {}});
  BOOST_TEST(to_string(replied->result) == "NOT_FOUND: nothing there");
}

BOOST_AUTO_TEST_CASE(a_call_without_deadline_gets_the_default) {
  bounds.call_deadline = 7s;
  endpoint().submit(say("a"));
  BOOST_REQUIRE(submitted);
  BOOST_CHECK(submitted->deadline == clock.now() + 7s);
}

BOOST_AUTO_TEST_CASE(an_empty_or_over_long_key_is_refused) {
  BOOST_CHECK(refusal(say("")) == status_code::invalid_argument);
  BOOST_CHECK(refusal(say(std::string(1 << 20, 'k'))) == status_code::invalid_argument);
  bounds.entity_id_bytes_max = 3;
  BOOST_CHECK(refusal(say("four")) == status_code::invalid_argument);
  endpoint().submit(say("too"));
  BOOST_TEST(submitted.has_value());
}

BOOST_AUTO_TEST_CASE(the_idempotency_key_is_taken_from_the_metadata) {
  endpoint().submit(with({{"idempotency-key", "once"}}));
  BOOST_REQUIRE(submitted);
  BOOST_TEST(submitted->idempotency_key == "once");
}

BOOST_AUTO_TEST_CASE(a_bad_idempotency_key_is_refused) {
  for (const auto& key : {std::string(), std::string(bounds.idempotency_key_bytes_max + 1, 'k'),
                          std::string("\xC3\x28")}) {
    BOOST_CHECK(refusal(with({{"idempotency-key", key}})) == status_code::invalid_argument);
  }
  BOOST_CHECK(refusal(with({{"idempotency-key", "a"}, {"idempotency-key", "b"}})) ==
              status_code::invalid_argument);
  endpoint().submit(
      with({{"idempotency-key", std::string(bounds.idempotency_key_bytes_max, 'k')}}));
  BOOST_TEST(submitted.has_value());
}

BOOST_AUTO_TEST_CASE(the_callers_metadata_go_on_without_the_transports) {
  endpoint().submit(with({{"traceparent", "00-1-2-01"},
                          {"authorization", "secret"},
                          {"tag", "1"},
                          {"tag", "2"},
                          {"user-agent", "test"},
                          {":path", "/x"},
                          {"te", "trailers"},
                          {"content-type", "application/grpc"}}));
  BOOST_REQUIRE(submitted);
  perdure::metadata expected{{"traceparent", "00-1-2-01"},
                             {"authorization", "secret"},
                             {"tag", "1"},
                             {"tag", "2"},
                             {"user-agent", "test"}};
  BOOST_CHECK(submitted->metadata == expected);
}

BOOST_AUTO_TEST_CASE(metadata_over_their_bound_are_refused) {
  bounds.metadata_bytes_max = 10;
  BOOST_CHECK(refusal(with({{"name", "1234567"}})) == status_code::resource_exhausted);
  endpoint().submit(with({{"name", "123456"}}));
  BOOST_TEST(submitted.has_value());
}

BOOST_AUTO_TEST_CASE(a_request_over_its_bound_is_refused) {
  auto c = say("a");
  c.request_bytes = bounds.message_bytes_max + 1;
  BOOST_CHECK(refusal(std::move(c)) == status_code::resource_exhausted);
}

BOOST_AUTO_TEST_SUITE_END()
