#include "gateway/http_connection.hpp"

#include <boost/test/unit_test.hpp>

#include "test/gateway/http_client.hpp"
#include "test/gateway/http_serving.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace perdure::gateway::testing;

namespace {

// "/large" is more than the bound, and twice "/large" more than twice the bound.
limits little_memory() {
  limits bounds;
  bounds.in_flight_bytes_max = 5 << 20;
  return bounds;
}

struct little : serving {
  little() : serving(little_memory()) {}
};

// Takes little of an answer before it reads.
struct slow_client : http_client {
  explicit slow_client(int port) {
    socket().set_option(boost::asio::socket_base::receive_buffer_size(4096));
    connect(port);
  }
};

const std::string large(8 << 20, 'x');

// Whether nothing stands in the way of new requests.
bool serves(serving& s) { return s.client().ask(http_get("/a")).result_int() == 200; }

}  // namespace

BOOST_AUTO_TEST_SUITE(http_connection)

BOOST_FIXTURE_TEST_CASE(requests_are_answered_503_while_answers_are_not_read, little) {
  slow_client slow(server->port());
  slow.send(http_get("/large"));
  BOOST_TEST(http_eventually([&] { return !serves(*this); }));
  auto c = client();
  auto refused = c.ask(http_get("/hold"));
  BOOST_TEST(refused.result_int() == 503u);
  BOOST_TEST(refused.keep_alive());
  BOOST_TEST(refused.body() == R"({"code":8,"status":"RESOURCE_EXHAUSTED","message":)"
                               R"("answers that clients do not read fill the memory; )"
                               R"(read them or retry later"})");
  BOOST_TEST(waiting.empty());
  BOOST_TEST((slow.read().body() == large));
  BOOST_TEST(http_eventually([&] { return serves(*this); }));
  BOOST_TEST(c.ask(http_get("/a")).result_int() == 200u);
}

BOOST_FIXTURE_TEST_CASE(what_a_client_that_left_did_not_read_counts_no_more, little) {
  slow_client slow(server->port());
  slow.send(http_get("/large"));
  BOOST_TEST(http_eventually([&] { return !serves(*this); }));
  slow.reset();
  BOOST_TEST(http_eventually([&] { return serves(*this); }));
}

BOOST_FIXTURE_TEST_CASE(an_answer_past_twice_the_bound_is_dropped_and_its_client_told, little) {
  slow_client first(server->port());
  first.send(http_get("/hold"));
  auto one = next();
  slow_client second(server->port());
  second.send(http_get("/hold"));
  auto two = next();
  one->answer({200, large});
  BOOST_TEST(http_eventually([&] { return !serves(*this); }));
  two->answer({200, large});
  auto got = second.read();
  BOOST_TEST(got.result_int() == 503u);
  BOOST_TEST(got.body().find("the request is done") != std::string::npos, got.body());
  BOOST_TEST((first.read().body() == large));
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_is_not_read_when_the_server_stops_was_an_answer, little) {
  slow_client slow(server->port());
  slow.send(http_get("/large"));
  BOOST_TEST(http_eventually([&] { return !serves(*this); }));
  BOOST_TEST(server->stop(std::chrono::milliseconds{0}));
}

BOOST_AUTO_TEST_SUITE_END()
