#include "gateway/grpc_health.hpp"

#include "grpc/health/v1/health.pb.h"
#include "test/gateway/grpc_fixture.hpp"

using namespace perdure::gateway::testing;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

namespace {

struct fixture : grpc_fixture {
  static std::string request(const std::string& service) {
    HealthCheckRequest made;
    made.set_service(service);
    return made.SerializeAsString();
  }

  answer check(const std::string& service) {
    return call("/grpc.health.v1.Health/Check", request(service));
  }

  int status_of(const std::string& service) {
    auto got = check(service);
    BOOST_TEST(got.status.ok());
    HealthCheckResponse response;
    BOOST_TEST(response.ParseFromString(got.bytes));
    return response.status();
  }

  static int next(client_call& watching) {
    std::string bytes;
    HealthCheckResponse response;
    BOOST_REQUIRE(watching.read(bytes));
    BOOST_REQUIRE(response.ParseFromString(bytes));
    return response.status();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(grpc_health, fixture)

BOOST_AUTO_TEST_CASE(the_server_and_each_service_have_a_status) {
  for (auto service : {"", "gateway_test.Echo"}) {
    BOOST_TEST(status_of(service) == HealthCheckResponse::SERVING);
  }
  server->set_serving(false);
  for (auto service : {"", "gateway_test.Echo"}) {
    BOOST_TEST(status_of(service) == HealthCheckResponse::NOT_SERVING);
  }
  BOOST_TEST(check("gateway_test.Nobody").status.error_code() == grpc::StatusCode::NOT_FOUND);
  BOOST_TEST(call("/grpc.health.v1.Health/Check", "\xff").status.error_code() ==
             grpc::StatusCode::INVALID_ARGUMENT);
}

BOOST_AUTO_TEST_CASE(a_watcher_is_told_the_status_now_and_each_change) {
  client_call watching(channel, "/grpc.health.v1.Health/Watch");
  watching.write(request("gateway_test.Echo"));
  BOOST_TEST(next(watching) == HealthCheckResponse::SERVING);
  server->set_serving(false);
  BOOST_TEST(next(watching) == HealthCheckResponse::NOT_SERVING);
  server->set_serving(true);
  BOOST_TEST(next(watching) == HealthCheckResponse::SERVING);
}

BOOST_AUTO_TEST_CASE(a_watcher_of_an_unknown_service_is_told_so_and_waits) {
  client_call watching(channel, "/grpc.health.v1.Health/Watch");
  watching.write(request("gateway_test.Nobody"));
  BOOST_TEST(next(watching) == HealthCheckResponse::SERVICE_UNKNOWN);
}

BOOST_AUTO_TEST_CASE(a_watcher_does_not_hold_up_the_servers_stop) {
  client_call watching(channel, "/grpc.health.v1.Health/Watch");
  watching.write(request(""));
  BOOST_TEST(next(watching) == HealthCheckResponse::SERVING);
  BOOST_TEST(server->stop(patience));
  BOOST_TEST(next(watching) == HealthCheckResponse::NOT_SERVING);
  BOOST_TEST(watching.finish().error_code() == grpc::StatusCode::UNAVAILABLE);
}

BOOST_AUTO_TEST_SUITE_END()
