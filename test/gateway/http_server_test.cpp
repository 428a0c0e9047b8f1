#include "gateway/http_server.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include "test/gateway/http_client.hpp"
#include "test/gateway/http_serving.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace perdure::gateway::testing;
using std::chrono::milliseconds;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_error(const http_client::response& got, unsigned status, const std::string& code) {
  BOOST_TEST(got.result_int() == status);
  BOOST_TEST(got["Content-Type"] == "application/json");
  BOOST_TEST(has(got.body(), "\"status\":\"" + code + "\""), got.body());
  BOOST_TEST(!got.keep_alive());
}

// UBSan's check of virtual calls opens a pipe to see whether memory can be read; without a
// descriptor it takes any object for a broken one.
boost::test_tools::assertion_result can_be_without_descriptors(boost::unit_test::test_unit_id) {
#ifdef __SANITIZE_ADDRESS__
  boost::test_tools::assertion_result no(false);
  no.message() << "the sanitizers themselves need descriptors";
  return no;
#else
  return true;
#endif
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server)

BOOST_FIXTURE_TEST_CASE(a_connection_serves_one_request_after_another, serving) {
  auto c = client();
  for (int i = 0; i < 100; ++i) {
    auto n = std::to_string(i);
    auto got = c.ask(http_post("/a", n));
    BOOST_TEST(got.result_int() == 200u);
    BOOST_TEST(got.body() == "POST /a " + n);
    BOOST_TEST(got.keep_alive());
    BOOST_TEST(got["Content-Type"] == "text/plain");
    BOOST_TEST(!got["Date"].empty());
  }
  BOOST_TEST(server->connections() == 1u);
}

BOOST_FIXTURE_TEST_CASE(pipelined_requests_are_answered_in_their_order, serving) {
  auto c = client();
  std::string many;
  for (int i = 0; i < 2000; ++i) many += http_post(i % 3 ? "/a" : "/hold", std::to_string(i));
  std::thread sender([&] { c.send(many); });
  for (int i = 0; i < 2000; ++i) {
    if (i % 3 == 0) {
      auto x = next();
      std::thread([x] { x->answer({200, "POST /a " + x->request().body}); }).detach();
    }
    BOOST_TEST(c.read().body() == "POST /a " + std::to_string(i));
  }
  sender.join();
}

BOOST_FIXTURE_TEST_CASE(a_request_may_come_byte_by_byte, serving) {
  auto c = client();
  c.socket().set_option(boost::asio::ip::tcp::no_delay(true));
  for (char byte : "\r\n" + http_post("/a", "body")) c.send(std::string(1, byte));
  BOOST_TEST(c.read().body() == "POST /a body");
}

BOOST_FIXTURE_TEST_CASE(a_chunked_body_is_put_together_and_its_trailers_are_dropped, serving) {
  auto c = client();
  c.send(
      "POST /hold HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nidempotency-key: late\r\n\r\n");
  auto x = next();
  BOOST_TEST(x->request().body == "abcde");
  BOOST_TEST(first_value(x->request().headers, "idempotency-key") == "");
  x->answer({200, "done"});
  BOOST_TEST(c.read().body() == "done");
  BOOST_TEST(c.ask(http_get("/b")).body() == "GET /b ");
}

BOOST_FIXTURE_TEST_CASE(headers_come_with_their_names_in_lower_case, serving) {
  auto c = client();
  c.send(http_get("/hold", "X-Two: 1\r\nx-two:  2 \r\n"));
  auto x = next();
  BOOST_TEST(x->request().headers.count("x-two") == 2u);
  BOOST_TEST(first_value(x->request().headers, "host") == "t");
  x->answer({200, {}, {}, {{"X-Reply", "yes"}}});
  auto got = c.read();
  BOOST_TEST(got["X-Reply"] == "yes");
  BOOST_TEST(got["Content-Length"] == "0");
  BOOST_TEST(got.count("Content-Type") == 0u);
}

BOOST_FIXTURE_TEST_CASE(head_is_answered_without_a_body, serving) {
  auto c = client();
  auto got = c.send("HEAD /a HTTP/1.1\r\n\r\n").read(true);
  BOOST_TEST(got["Content-Length"] == "8");
  BOOST_TEST(c.ask(http_get("/b")).body() == "GET /b ");
}

BOOST_FIXTURE_TEST_CASE(a_client_that_asks_to_close_is_closed_after_its_answer, serving) {
  auto c = client();
  BOOST_TEST(!c.ask(http_get("/a", "Connection: close\r\n")).keep_alive());
  BOOST_TEST(c.at_end());
  auto old = client();
  BOOST_TEST(old.ask("GET /a HTTP/1.0\r\n\r\n").body() == "GET /a ");
  BOOST_TEST(old.at_end());
  auto kept = client();
  auto got = kept.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  BOOST_TEST(got["Connection"] == "keep-alive");
  BOOST_TEST(kept.ask(http_get("/b")).body() == "GET /b ");
}

BOOST_FIXTURE_TEST_CASE(a_body_is_asked_for_when_the_client_waits_for_that, serving) {
  auto c = client();
  c.send("POST /a HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(c.read().result_int() == 100u);
  BOOST_TEST(c.ask("body").body() == "POST /a body");
}

BOOST_FIXTURE_TEST_CASE(a_body_that_would_be_too_large_is_refused_before_it_comes, serving) {
  auto c = client();
  c.send("POST /a HTTP/1.1\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n");
  check_error(c.read(), 413, "RESOURCE_EXHAUSTED");
}

BOOST_FIXTURE_TEST_CASE(a_5_mb_body_is_refused_with_413_though_the_client_goes_on_sending,
                        serving) {
  auto c = client();
  c.send(http_post("/a", std::string(5 << 20, 'x')));
  check_error(c.read(), 413, "RESOURCE_EXHAUSTED");
  BOOST_TEST(c.sent_all());
  auto chunked = client();
  chunked.send("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 5; ++i) chunked.send("100000\r\n" + std::string(1 << 20, 'x') + "\r\n");
  check_error(chunked.read(), 413, "RESOURCE_EXHAUSTED");
  BOOST_TEST(chunked.sent_all());
  auto fits = client();
  BOOST_TEST(fits.ask(http_post("/a", std::string(4 << 20, 'x'))).body().size() == (4u << 20) + 8);
}

BOOST_FIXTURE_TEST_CASE(headers_over_their_bound_are_refused_with_431, serving) {
  auto c = client();
  check_error(c.ask(http_get("/a", "x: " + std::string(20'000, 'x') + "\r\n")), 431,
              "RESOURCE_EXHAUSTED");
  auto key = client();
  std::thread sender([&] { key.send(http_get("/" + std::string(1 << 20, 'k'))); });
  check_error(key.read(), 431, "RESOURCE_EXHAUSTED");
  sender.join();
}

BOOST_FIXTURE_TEST_CASE(what_is_not_http_is_refused_at_once_and_closed, serving) {
  for (std::string garbage :
       {std::string("\x16\x03\x01\x02\x00\x01", 6), std::string("hello\r\n"),
        std::string("GET\r\n\r\n"), std::string("GET /a HTTP/9.9\r\n\r\n"),
        std::string("GET /a\x01 HTTP/1.1\r\n\r\n"),
        std::string("GET /a HTTP/1.1\r\nno colon\r\n\r\n"),
        std::string("POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        std::string("POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        std::string("POST /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"),
        std::string("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        std::string("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;") +
            std::string(100'000, 'x'),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")}) {
    auto c = client();
    BOOST_TEST_CONTEXT(garbage.substr(0, 80)) {
      check_error(c.ask(garbage), 400, "INVALID_ARGUMENT");
      BOOST_TEST(c.at_end());
    }
  }
  BOOST_TEST(client().ask(http_get("/a")).result_int() == 200u);
}

BOOST_AUTO_TEST_CASE(half_a_request_is_answered_408_and_silence_is_closed) {
  limits impatient;
  impatient.http_idle_max = milliseconds{100};
  serving s(impatient);
  auto half = s.client();
  check_error(half.ask("POST /a HTTP/1.1\r\nContent-Len"), 408, "DEADLINE_EXCEEDED");
  auto half_body = s.client();
  check_error(half_body.ask("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"), 408,
              "DEADLINE_EXCEEDED");
  auto silent = s.client();
  BOOST_TEST(silent.at_end());
  auto idle = s.client();
  BOOST_TEST(idle.ask(http_get("/a")).keep_alive());
  BOOST_TEST(idle.at_end());
  auto deaf = s.client();
  deaf.send(http_get("/large"));
  half.close();
  half_body.close();
  BOOST_TEST(http_eventually([&] { return s.server->connections() == 0; }));
}

BOOST_AUTO_TEST_CASE(a_slow_handler_is_not_taken_for_an_idle_client) {
  limits impatient;
  impatient.http_idle_max = milliseconds{20};
  serving s(impatient);
  auto c = s.client();
  c.send(http_get("/hold"));
  auto x = s.next();
  auto other = s.client();
  BOOST_TEST(other.at_end());  // which takes longer than the idle time
  x->answer({200, "slow"});
  BOOST_TEST(c.read().body() == "slow");
}

BOOST_FIXTURE_TEST_CASE(a_client_that_goes_away_cancels_its_call_and_leaves_nothing, serving) {
  for (bool hard : {false, true}) {
    auto c = client();
    c.send(http_get("/hold"));
    auto x = next();
    BOOST_TEST(!x->is_cancelled());
    hard ? c.reset() : c.close();
    BOOST_TEST(http_eventually([&] { return x->is_cancelled().load(); }));
    x->answer({200, "too late"});
    BOOST_TEST(http_eventually([&] { return server->connections() == 0; }));
  }
}

BOOST_FIXTURE_TEST_CASE(a_client_that_closed_only_its_sending_side_still_gets_its_answer, serving) {
  auto c = client();
  c.send(http_get("/hold/1") + http_get("/hold/2"));
  c.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send);
  next()->answer({200, "one"});
  BOOST_TEST(c.read().body() == "one");
  next()->answer({200, "two"});
  BOOST_TEST(c.read().body() == "two");
  BOOST_TEST(c.at_end());
}

BOOST_FIXTURE_TEST_CASE(only_the_first_answer_is_sent, serving) {
  auto c = client();
  c.send(http_get("/hold/1"));
  auto x = next();
  x->answer({200, "first"});
  x->answer({200, "second"});
  BOOST_TEST(c.read().body() == "first");
  c.send(http_get("/hold/2"));
  x->answer({200, "third"});
  next()->answer({200, "fourth"});
  BOOST_TEST(c.read().body() == "fourth");
}

BOOST_FIXTURE_TEST_CASE(a_request_that_nobody_answers_gets_its_fallback, serving) {
  auto c = client();
  BOOST_TEST(c.ask(http_get("/late")).body() == "late");
  BOOST_TEST(c.ask(http_get("/a")).body() == "GET /a ");
}

BOOST_FIXTURE_TEST_CASE(an_answer_larger_than_the_socket_takes_arrives_whole, serving) {
  auto c = client();
  BOOST_TEST(c.ask(http_get("/large")).body() == std::string(8 << 20, 'x'));
}

BOOST_AUTO_TEST_CASE(connections_over_the_bound_are_answered_503) {
  limits few;
  few.http_connections_max = 2;
  serving s(few);
  auto first = s.client();
  auto second = s.client();
  first.ask(http_get("/a"));
  second.ask(http_get("/a"));
  auto third = s.client();
  check_error(third.ask(http_get("/a")), 503, "RESOURCE_EXHAUSTED");
  BOOST_TEST(third.at_end());
  third.close();
  first.close();
  BOOST_TEST(http_eventually([&] { return s.server->connections() == 1; }));
  BOOST_TEST(s.client().ask(http_get("/a")).result_int() == 200u);
}

BOOST_AUTO_TEST_CASE(bodies_under_way_together_are_bounded) {
  limits little;
  little.in_flight_bytes_max = 1 << 20;
  serving s(little);
  std::string half = "POST /a HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n";
  half += std::string(700'000, 'x');
  auto first = s.client();
  first.send(half);
  auto second = s.client();
  // Which of the two was first over the bound is open; one of them must be told.
  second.send(half);
  std::size_t refused = 0;
  BOOST_TEST(http_eventually([&] {
    refused = 0;
    for (auto* one : {&first, &second}) refused += one->socket().available() > 0;
    return refused > 0;
  }));
  auto& told = first.socket().available() > 0 ? first : second;
  check_error(told.read(), 503, "RESOURCE_EXHAUSTED");
}

BOOST_FIXTURE_TEST_CASE(a_server_without_descriptors_goes_on_once_there_are_some, serving,
                        *boost::unit_test::precondition(can_be_without_descriptors)) {
  auto established = client();
  established.ask(http_get("/a"));
  http_client late;  // has its descriptor already; the server's end will find none
  rlimit before{};
  BOOST_REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(dup(0));
  close(static_cast<int>(none.rlim_cur));
  BOOST_REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  late.connect(server->port());
  late.send(http_get("/b"));
  // Served on the other connections meanwhile, on both threads.
  for (int i = 0; i < 100; ++i) BOOST_TEST(established.ask(http_get("/a")).result_int() == 200u);
  BOOST_TEST(server->connections() == 1u);
  BOOST_REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  BOOST_TEST(late.read().body() == "GET /b ");
}

BOOST_FIXTURE_TEST_CASE(hundreds_of_connections_are_served_at_once, serving) {
  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 400; ++i) clients.push_back(std::make_unique<http_client>(server->port()));
  for (auto& c : clients) c->send(http_get("/hold"));
  std::vector<held> all;
  for (std::size_t i = 0; i < clients.size(); ++i) all.push_back(next());
  BOOST_TEST(server->connections() == 400u);
  std::thread([all = std::move(all)] {
    for (const auto& x : all) x->answer({200, "now"});
  }).join();
  for (auto& c : clients) BOOST_TEST(c->read().body() == "now");
  clients.clear();
  BOOST_TEST(http_eventually([&] { return server->connections() == 0; }));
}

BOOST_FIXTURE_TEST_CASE(stop_answers_what_was_accepted_and_closes_the_rest, serving) {
  auto idle = client();
  idle.ask(http_get("/a"));
  auto half = client();
  half.send("GET /a HT");
  auto busy = client();
  busy.send(http_get("/hold") + http_get("/hold"));
  auto x = next();
  bool all_answered = false;
  std::thread stopping([&] { all_answered = server->stop(http_patience); });
  BOOST_TEST(idle.at_end());
  BOOST_TEST(half.at_end());
  x->answer({200, "the last"});
  auto got = busy.read();
  BOOST_TEST(got.body() == "the last");
  BOOST_TEST(!got.keep_alive());
  busy.close();
  stopping.join();
  BOOST_TEST(all_answered);
  BOOST_TEST(waiting.empty());
  BOOST_TEST(server->connections() == 0u);
}

BOOST_FIXTURE_TEST_CASE(stop_drops_what_is_not_answered_in_time, serving) {
  auto c = client();
  c.send(http_get("/hold"));
  auto x = next();
  BOOST_TEST(!server->stop(milliseconds{0}));
  BOOST_TEST(x->is_cancelled());
  BOOST_TEST(c.at_end());
  server.reset();
  x->answer({200, "nobody there"});
}

BOOST_FIXTURE_TEST_CASE(a_taken_port_is_a_clear_error, serving) {
  auto second = gateway::http_server::start(
      {"127.0.0.1", server->port(), "--admin-port"}, [](held) {}, bounds);
  BOOST_REQUIRE(!second.ok());
  BOOST_TEST(second.error().message() ==
             "127.0.0.1:" + std::to_string(server->port()) +
                 " is taken: stop what listens there or choose another port with --admin-port");
  auto nowhere = gateway::http_server::start(
      {"203.0.113.1", 0}, [](held) {}, bounds);
  BOOST_REQUIRE(!nowhere.ok());
  BOOST_TEST(has(nowhere.error().message(), "203.0.113.1:0 cannot be listened on"));
}

BOOST_AUTO_TEST_SUITE_END()
