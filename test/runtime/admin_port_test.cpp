#include "apps/runtime/admin_port.hpp"

#include <boost/asio/read.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "perdure/admin.pb.h"
#include "test/runtime/admin_port_fixture.hpp"

using namespace perdure;
using namespace perdure::admin::v1;
using perdure::gateway::testing::client_call;
using perdure::gateway::testing::http_client;
using perdure::gateway::testing::http_get;
using perdure::gateway::testing::http_post;

namespace {

constexpr const char* list_path = "/perdure.admin.v1.Topics/List";
constexpr const char* reflection_path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

using fixture = test::admin_port_fixture;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admin_port, fixture)

BOOST_AUTO_TEST_CASE(http_and_grpc_are_served_on_one_port) {
  auto over_http = ask(http_get("/admin/v1/topics", bearer()));
  BOOST_TEST(over_http.result_int() == 200u);
  BOOST_TEST(over_http.body() == R"({"topics":[],"relayBacklog":"0","relayProblem":""})");
  auto over_grpc = call(list_path, "", "Bearer " + token);
  BOOST_TEST(over_grpc.status.ok(), over_grpc.status.error_message());
  ListTopicsResponse reply;
  BOOST_TEST(reply.ParseFromString(over_grpc.bytes));
}

BOOST_AUTO_TEST_CASE(health_is_json_whatever_bytes_a_problem_has) {
  amiss = {"topic \xff is refused"};
  BOOST_TEST(ask(http_get("/health")).body() ==
             R"({"status":"SERVING","warnings":["topic ? is refused"]})");
}

BOOST_AUTO_TEST_CASE(every_rpc_is_reached_by_name_over_http) {
  auto answer =
      ask(http_post("/perdure.admin.v1.Subscriptions/Get", R"({"name":"a/b"})", bearer()));
  BOOST_TEST(answer.result_int() == 404u);
  BOOST_TEST(answer.body().find("a/b") != std::string::npos);
  auto stream =
      ask(http_post("/perdure.admin.v1.Subscriptions/ExportHeld", R"({"name":"x"})", bearer()));
  BOOST_TEST(stream.result_int() == 404u);
}

BOOST_AUTO_TEST_CASE(without_the_token_nothing_is_told) {
  for (const auto& headers : {std::string(), std::string("Authorization: Bearer wrong\r\n")}) {
    for (auto target : {"/admin/v1/topics", "/", "/nowhere"}) {
      auto refused = ask(http_get(target, headers));
      BOOST_TEST(refused.result_int() == 401u);
      BOOST_TEST(refused["WWW-Authenticate"] == "Bearer realm=\"perdure\"");
      BOOST_TEST(refused.body().find("UNAUTHENTICATED") != std::string::npos);
    }
  }
  for (const auto& authorization : {std::string(), std::string("Bearer wrong"), token}) {
    for (auto path : {list_path, reflection_path, "/grpc.health.v1.Health/Check", "/no.Such/Rpc"}) {
      auto refused = call(path, "", authorization);
      BOOST_TEST(refused.status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
      BOOST_TEST(refused.bytes.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(health_and_figures_are_for_everybody) {
  BOOST_TEST(ask(http_get("/health")).body() == R"({"status":"SERVING"})");
  BOOST_TEST(ask(http_get("/metrics")).result_int() == 200u);
  BOOST_TEST(ask(http_post("/health", "{}")).result_int() == 405u);
}

BOOST_AUTO_TEST_CASE(what_is_not_served_is_told_to_who_has_the_token) {
  BOOST_TEST(ask(http_get("/nowhere", bearer())).result_int() == 404u);
  BOOST_TEST(call("/no.Such/Rpc", "", "Bearer " + token).status.error_code() ==
             grpc::StatusCode::UNIMPLEMENTED);
}

BOOST_AUTO_TEST_CASE(reflection_shows_what_is_served_to_who_has_the_token) {
  client_call stream(connect(), reflection_path, [&](auto& context) {
    context.AddMetadata("authorization", "Bearer " + token);
  });
  stream.write(std::string("\x3a\x01*", 3));  // list_services: "*"
  std::string bytes;
  BOOST_REQUIRE(stream.read(bytes));
  BOOST_TEST(bytes.find("perdure.admin.v1.Subscriptions") != std::string::npos);
  BOOST_TEST(bytes.find("perdure.v1.Commands") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_connection_that_begins_slowly_is_still_told_apart) {
  http_client slow(port->port());
  slow.send("G");
  http_client prior(port->port());
  prior.send("PRI");
  prior.send(" * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  prior.send(std::string("\0\0\0\x04\0\0\0\0\0", 9));  // its settings
  std::string frame(9, '\0');
  boost::asio::read(prior.socket(), boost::asio::buffer(frame));
  BOOST_TEST(frame[3] == '\x04');  // and gRPC's
  slow.send("ET /health HTTP/1.1\r\nHost: t\r\n\r\n");
  BOOST_TEST(slow.read().result_int() == 200u);
}

BOOST_AUTO_TEST_CASE(connections_of_either_kind_come_and_go) {
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST(call(list_path, "", "Bearer " + token).status.ok());
    BOOST_TEST(ask(http_get("/health")).result_int() == 200u);
  }
}

BOOST_AUTO_TEST_CASE(stopping_ends_connections_of_both) {
  auto channel = connect();
  client_call open(channel, reflection_path,
                   [&](auto& context) { context.AddMetadata("authorization", "Bearer " + token); });
  open.write(std::string("\x3a\x01*", 3));
  std::string bytes;
  BOOST_TEST(open.read(bytes));
  port->stop();
  BOOST_TEST(!open.finish().ok());
}

BOOST_AUTO_TEST_CASE(a_token_that_others_may_read_stops_the_start) {
  std::filesystem::permissions(with.data + "/admin-token", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  auto second = runtime::admin_port::start(
      with, {.serving = {},
             .amiss = {},
             .gauges = {},
             .what = {.subscriptions = {}, .store = store, .relay = {}, .elsewhere = {}},
             .clock = clock});
  BOOST_REQUIRE(!second.ok());
  BOOST_CHECK(second.error().code() == status_code::failed_precondition);
}

BOOST_AUTO_TEST_SUITE_END()
