#include "gateway/http_stream_call.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/test/unit_test.hpp>
#include <future>

#include "gateway/http_endpoint.hpp"
#include "test/gateway/echo_models.hpp"
#include "test/gateway/fake_streams.hpp"
#include "test/gateway/http_client.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace perdure::gateway::testing;
using namespace std::chrono_literals;

namespace {

gateway_test::EchoReply said(const std::string& text) {
  gateway_test::EchoReply reply;
  reply.set_text(text);
  return reply;
}

// The HTTP half in front of streams of the test.
struct fixture {
  explicit fixture(limits with = {}) : bounds(with) {
    auto started = gateway::http_server::start(
        {"127.0.0.1", 0}, gateway::http_endpoint(routes, endpoint, clock, bounds), bounds);
    BOOST_REQUIRE_MESSAGE(started.ok(), to_string(started.error()));
    server = *std::move(started);
  }

  limits bounds;
  manual_clock clock;
  fake_streams streams;
  service_catalog catalog = echo_catalog();
  gateway::http_routes routes = *gateway::http_routes::of(catalog);
  command_endpoint endpoint{{.submit =
                                 [](const actors::command& c) {
                                   c.reply({{}, said("unary").SerializeAsString()});
                                 },
                             .own = {},
                             .open_stream =
                                 [this](auto request, auto caller) {
                                   return streams.open(std::move(request), std::move(caller));
                                 }},
                            clock,
                            bounds};
  std::unique_ptr<gateway::http_server> server;
};

// Reads an answer as it comes.
class reader {
 public:
  explicit reader(http_client& client) : socket_(client.socket()) {}

  // The next line, without its end. Empty when the connection has ended as well.
  std::string line() {
    boost::system::error_code error;
    auto size = boost::asio::read_until(socket_, buffer_, "\r\n", error);
    ended = bool(error);
    if (error) return {};
    return take(size).substr(0, size - 2);
  }

  // First line and headers.
  std::string head() {
    std::string all;
    for (auto one = line(); !one.empty(); one = line()) all += one + "\n";
    return all;
  }

  // The content of the next chunk; empty: the last one.
  std::string chunk() {
    auto length = line();
    if (ended) return "cut";
    auto size = std::stoul(length, nullptr, 16);
    boost::system::error_code error;
    if (buffer_.size() < size + 2) {
      boost::asio::read(socket_, buffer_, boost::asio::transfer_at_least(size + 2 - buffer_.size()),
                        error);
    }
    return take(size + 2).substr(0, size);
  }

  // All up to the end of the connection.
  std::string rest() {
    boost::system::error_code error;
    boost::asio::read(socket_, buffer_, error);
    ended = true;
    return take(buffer_.size());
  }

  bool ended = false;

 private:
  std::string take(std::size_t size) {
    std::string text(size, '\0');
    std::istream(&buffer_).read(text.data(), static_cast<std::streamsize>(size));
    return text;
  }

  http_client::tcp::socket& socket_;
  boost::asio::streambuf buffer_;
};

// One request, and what comes of it.
struct asked {
  asked(const fixture& of, const std::string& request) : client(of.server->port()), answer(client) {
    client.send(request);
  }
  http_client client;
  reader answer;
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string events(const std::string& target) {
  return http_get(target, "Accept: text/event-stream\r\n");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_stream_call, fixture)

BOOST_AUTO_TEST_CASE(replies_come_as_lines_of_json) {
  asked call(*this, http_get("/chat/ann?text=hi", "who: bob\r\n"));
  auto stream = streams.next();
  const auto& request = dynamic_cast<gateway_test::EchoRequest&>(*stream->opened_with.request);
  BOOST_TEST(request.id() == "ann");
  BOOST_TEST(request.text() == "hi");
  BOOST_TEST(stream->opened_with.metadata.find("who")->second == "bob");
  BOOST_CHECK(stream->opened_with.deadline == timestamp::max());
  stream->reply(said("one"));
  auto head = call.answer.head();
  BOOST_TEST(head.starts_with("HTTP/1.1 200 OK"));
  BOOST_TEST(holds(head, "Content-Type: application/x-ndjson\n"));
  BOOST_TEST(holds(head, "Transfer-Encoding: chunked\n"));
  BOOST_TEST(!holds(head, "Content-Length"));
  BOOST_TEST(call.answer.chunk() == "{\"text\":\"one\"}\n");
  BOOST_TEST(stream->await_written(1));
  stream->reply(said("two\nlines"));
  BOOST_TEST(call.answer.chunk() == "{\"text\":\"two\\nlines\"}\n");
  BOOST_TEST(stream->await_written(2));
  stream->end();
  BOOST_TEST(call.answer.chunk() == "");
  // The connection is there for the next request.
  call.client.send(http_post("/gateway_test.Chat/Say", "{}"));
  BOOST_TEST(call.answer.head().starts_with("HTTP/1.1 200 OK"));
}

BOOST_AUTO_TEST_CASE(replies_come_as_server_sent_events_where_those_are_accepted) {
  for (auto accept : {"text/event-stream", "text/html, Text/Event-Stream;q=0.5, */*;q=0.1"}) {
    asked call(*this, http_get("/chat/ann", "Accept: " + std::string(accept) + "\r\n"));
    auto stream = streams.next();
    stream->reply(said("one"));
    BOOST_TEST(holds(call.answer.head(), "Content-Type: text/event-stream\n"));
    BOOST_TEST(call.answer.chunk() == "data: {\"text\":\"one\"}\n\n");
    BOOST_TEST(stream->await_written(1));
    stream->end();
    BOOST_TEST(call.answer.chunk() == "event: end\ndata: {}\n\n");
    BOOST_TEST(call.answer.chunk() == "");
  }
}

BOOST_AUTO_TEST_CASE(an_rpc_is_reached_by_name_and_by_other_bindings_too) {
  asked named(*this, http_post("/gateway_test.Chat/Listen", R"({"id":"ann"})"));
  streams.next()->reply(said("one"));
  named.answer.head();
  BOOST_TEST(named.answer.chunk() == "{\"text\":\"one\"}\n");
  asked part(*this, http_get("/chat/ann/text"));
  streams.next()->reply(said("one"));
  part.answer.head();
  BOOST_TEST(part.answer.chunk() == "\"one\"\n");
}

BOOST_AUTO_TEST_CASE(a_stream_may_stay_empty) {
  asked call(*this, http_get("/chat/ann"));
  streams.next()->end();
  BOOST_TEST(call.answer.head().starts_with("HTTP/1.1 200 OK"));
  BOOST_TEST(call.answer.chunk() == "");
}

BOOST_AUTO_TEST_CASE(a_handler_may_be_done_before_it_is_known) {
  streams.do_at_once([](fake_stream& stream) {
    stream.reply(said("quick"));
    stream.end();
  });
  asked call(*this, http_get("/chat/ann"));
  call.answer.head();
  BOOST_TEST(call.answer.chunk() == "{\"text\":\"quick\"}\n");
  BOOST_TEST(call.answer.chunk() == "");
}

BOOST_AUTO_TEST_CASE(a_failure_before_the_first_reply_is_an_error_like_any_other) {
  for (const auto& request : {http_get("/chat/ann"), events("/chat/ann")}) {
    http_client client(server->port());
    client.send(request);
    streams.next()->end({status_code::not_found, "no such room"});
    auto answer = client.read();
    BOOST_TEST(answer.result_int() == 404u);
    BOOST_TEST(answer.body() == R"({"code":5,"status":"NOT_FOUND","message":"no such room"})");
    // And the connection goes on.
    BOOST_TEST(client.ask(http_post("/gateway_test.Chat/Say", "{}")).result_int() == 200u);
  }
}

BOOST_AUTO_TEST_CASE(a_failure_in_the_middle_is_told_and_the_answer_is_seen_to_be_incomplete) {
  const std::string error = R"({"code":9,"status":"FAILED_PRECONDITION","message":"closed"})";
  asked lines(*this, http_get("/chat/ann"));
  auto stream = streams.next();
  stream->reply(said("one"));
  BOOST_TEST(stream->await_written(1));
  stream->end({status_code::failed_precondition, "closed"});
  lines.answer.head();
  BOOST_TEST(lines.answer.chunk() == "{\"text\":\"one\"}\n");
  BOOST_TEST(lines.answer.chunk() == "{\"error\":" + error + "}\n");
  BOOST_TEST(lines.answer.chunk() == "cut");

  asked told(*this, events("/chat/ann"));
  stream = streams.next();
  stream->reply(said("one"));
  BOOST_TEST(stream->await_written(1));
  stream->end({status_code::failed_precondition, "closed"});
  told.answer.head();
  told.answer.chunk();
  BOOST_TEST(told.answer.chunk() == "event: error\ndata: " + error + "\n\n");
  BOOST_TEST(told.answer.chunk() == "cut");
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_cancels_the_handler) {
  for (bool has_begun : {false, true}) {
    asked call(*this, http_get("/chat/ann"));
    auto stream = streams.next();
    if (has_begun) {
      stream->reply(said("one"));
      call.answer.head();
      call.answer.chunk();
    }
    call.client.close();
    BOOST_TEST(stream->await_cancelled());
  }
  BOOST_TEST(http_eventually([&] { return server->connections() == 0; }));
}

BOOST_AUTO_TEST_CASE(a_client_that_sends_no_more_counts_as_gone) {
  for (bool has_begun : {false, true}) {
    asked call(*this, http_get("/chat/ann"));
    auto stream = streams.next();
    if (has_begun) {
      stream->reply(said("one"));
      BOOST_TEST(stream->await_written(1));
    }
    call.client.socket().shutdown(boost::asio::socket_base::shutdown_send);
    BOOST_TEST(stream->await_cancelled());
    auto head = call.answer.head();
    BOOST_TEST(head.starts_with(has_begun ? "HTTP/1.1 200" : "HTTP/1.1 499"));
  }
  BOOST_TEST(http_eventually([&] { return server->connections() == 0; }));
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_slow_holds_up_the_handler_and_nobody_else) {
  asked slow(*this, http_get("/chat/ann"));
  auto held_up = streams.next();
  const auto large = said(std::string(1 << 20, 'x'));
  std::size_t taken = 0;
  for (bool goes_on = true; goes_on;) {
    held_up->reply(large);
    auto end = std::chrono::steady_clock::now() + 500ms;
    while (held_up->written_so_far() == taken && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(1ms);
    }
    goes_on = held_up->written_so_far() > taken;
    if (goes_on) ++taken;
    BOOST_REQUIRE(taken < 100u);
  }
  // Others on any thread of the server go on.
  for (int i = 0; i < 4; ++i) {
    http_client other(server->port());
    BOOST_TEST(other.ask(http_post("/gateway_test.Chat/Say", "{}")).result_int() == 200u);
  }
  slow.answer.head();
  for (std::size_t i = 0; i <= taken; ++i) BOOST_TEST(slow.answer.chunk().size() > 1u << 20);
  BOOST_TEST(held_up->await_written(taken + 1));
}

BOOST_AUTO_TEST_CASE(a_reader_that_takes_nothing_for_too_long_is_cut_off) {
  limits impatient;
  impatient.http_idle_max = 300ms;
  fixture other(impatient);
  asked call(other, http_get("/chat/ann"));
  auto stream = other.streams.next();
  const auto large = said(std::string(3 << 20, 'x'));
  for (std::size_t i = 0; !stream->is_cancelled(); ++i) {
    stream->reply(large);
    BOOST_REQUIRE(
        http_eventually([&] { return stream->written_so_far() > i || stream->is_cancelled(); }));
  }
  BOOST_TEST(http_eventually([&] { return other.server->connections() == 0; }));
}

BOOST_AUTO_TEST_CASE(readers_that_fill_the_memory_are_cut_off) {
  limits little;
  little.in_flight_bytes_max = 4 << 20;
  fixture other(little);
  std::vector<std::unique_ptr<asked>> calls;
  std::vector<std::shared_ptr<fake_stream>> open;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(std::make_unique<asked>(other, http_get("/chat/ann")));
    open.push_back(other.streams.next());
  }
  const auto large = said(std::string(3 << 20, 'x'));
  std::size_t cancelled = 0;
  for (int round = 0; round < 10 && cancelled == 0; ++round) {
    for (const auto& one : open) one->reply(large);
    auto settled = [&](const auto& one) {
      return one->is_cancelled() || one->written_so_far() > static_cast<std::size_t>(round);
    };
    auto end = std::chrono::steady_clock::now() + 500ms;
    while (!std::ranges::all_of(open, settled) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(1ms);
    }
    std::erase_if(open, [&](const auto& one) {
      if (one->is_cancelled()) ++cancelled;
      return !settled(one) || one->is_cancelled();
    });
  }
  BOOST_TEST(cancelled > 0u);
}

BOOST_AUTO_TEST_CASE(a_stream_that_pauses_is_kept_alive) {
  limits lively;
  lively.http_idle_max = 200ms;
  fixture other(lively);
  asked told(other, events("/chat/ann"));
  auto stream = other.streams.next();
  BOOST_TEST(holds(told.answer.head(), "200 OK"));
  BOOST_TEST(told.answer.chunk() == ": keep-alive\n\n");
  BOOST_TEST(told.answer.chunk() == ": keep-alive\n\n");
  stream->reply(said("one"));
  std::string next;
  while ((next = told.answer.chunk()) == ": keep-alive\n\n") {
  }
  BOOST_TEST(next == "data: {\"text\":\"one\"}\n\n");
  BOOST_TEST(stream->await_written(1));

  // Lines have no comments, but the head comes; and the pause may be long.
  asked lines(other, http_get("/chat/ann"));
  auto second = other.streams.next();
  BOOST_TEST(holds(lines.answer.head(), "200 OK"));
  std::this_thread::sleep_for(2 * lively.http_idle_max);
  second->end({status_code::not_found, "after all"});
  BOOST_TEST(holds(lines.answer.chunk(), "{\"error\":{\"code\":5,"));
  BOOST_TEST(lines.answer.chunk() == "cut");
}

BOOST_AUTO_TEST_CASE(who_asks_for_the_head_alone_gets_it_and_no_more) {
  asked call(*this, "HEAD /chat/ann HTTP/1.1\r\nHost: t\r\n\r\n");
  auto stream = streams.next();
  stream->reply(said("one"));
  auto head = call.answer.head();
  BOOST_TEST(head.starts_with("HTTP/1.1 200 OK"));
  BOOST_TEST(holds(head, "application/x-ndjson"));
  BOOST_TEST(stream->await_cancelled());
  call.client.send(http_post("/gateway_test.Chat/Say", "{}"));
  BOOST_TEST(call.answer.head().starts_with("HTTP/1.1 200 OK"));
}

BOOST_AUTO_TEST_CASE(http_1_0_gets_lines_up_to_the_end_of_the_connection) {
  asked call(*this, "GET /chat/ann HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  auto stream = streams.next();
  stream->reply(said("one"));
  BOOST_TEST(stream->await_written(1));
  stream->end();
  auto head = call.answer.head();
  BOOST_TEST(!holds(head, "chunked"));
  BOOST_TEST(holds(head, "Connection: close"));
  BOOST_TEST(call.answer.rest() == "{\"text\":\"one\"}\n");
}

BOOST_AUTO_TEST_CASE(the_next_request_waits_for_the_end_of_a_stream) {
  asked call(*this, http_get("/chat/ann") + http_get("/chat/bob"));
  auto first = streams.next();
  first->reply(said("one"));
  BOOST_TEST(first->await_written(1));
  BOOST_TEST(streams.is_empty());
  first->end();
  auto second = streams.next();
  BOOST_TEST(dynamic_cast<gateway_test::EchoRequest&>(*second->opened_with.request).id() == "bob");
  second->reply(said("two"));
  call.answer.head();
  BOOST_TEST(call.answer.chunk() == "{\"text\":\"one\"}\n");
  BOOST_TEST(call.answer.chunk() == "");
  call.answer.head();
  BOOST_TEST(call.answer.chunk() == "{\"text\":\"two\"}\n");
}

BOOST_AUTO_TEST_CASE(requests_that_stream_are_for_grpc) {
  for (const auto& request : {http_post("/chat", "{}"), http_post("/gateway_test.Chat/Tell", "{}"),
                              http_post("/gateway_test.Chat/Talk", "{}")}) {
    auto answer = http_client(server->port()).ask(request);
    BOOST_TEST(answer.result_int() == 501u);
    BOOST_TEST(holds(answer.body(), "call it over gRPC"));
  }
  BOOST_TEST(streams.is_empty());
}

BOOST_AUTO_TEST_CASE(a_deadline_goes_with_the_call) {
  asked call(*this, http_get("/chat/ann", "grpc-timeout: 5S\r\n"));
  auto stream = streams.next();
  BOOST_CHECK(stream->opened_with.deadline == clock.now() + 5s);
  stream->end({status_code::deadline_exceeded, "too late"});
  BOOST_TEST(call.answer.head().starts_with("HTTP/1.1 504"));
}

BOOST_AUTO_TEST_CASE(more_streams_than_may_be_open_are_refused) {
  limits few;
  few.streams_max = 1;
  fixture other(few);
  asked first(other, http_get("/chat/ann"));
  auto stream = other.streams.next();
  http_client second(other.server->port());
  BOOST_TEST(second.ask(http_get("/chat/ann")).result_int() == 429u);
  stream->end();
  first.answer.head();
  asked third(other, http_get("/chat/ann"));
  other.streams.next();
}

BOOST_AUTO_TEST_CASE(stopping_ends_streams_and_says_so) {
  asked begun(*this, http_get("/chat/ann"));
  auto first = streams.next();
  first->reply(said("one"));
  BOOST_TEST(first->await_written(1));
  asked waiting(*this, http_get("/chat/bob"));
  auto second = streams.next();
  BOOST_TEST(server->stop(http_patience));
  BOOST_TEST(first->await_cancelled());
  BOOST_TEST(second->await_cancelled());
  begun.answer.head();
  begun.answer.chunk();
  BOOST_TEST(holds(begun.answer.chunk(), "UNAVAILABLE"));
  BOOST_TEST(begun.answer.chunk() == "cut");
  BOOST_TEST(waiting.answer.head().starts_with("HTTP/1.1 503"));
  server.reset();
  first->reply(said("too late"));
  first->end();
}

BOOST_AUTO_TEST_CASE(handlers_and_clients_may_speak_at_once) {
  constexpr int callers = 4, calls_each = 100;
  std::jthread handlers([&](std::stop_token stop) {
    std::vector<std::shared_ptr<fake_stream>> open;
    std::vector<std::size_t> replied;
    while (!stop.stop_requested()) {
      if (!streams.is_empty()) {
        open.push_back(streams.next());
        replied.push_back(0);
      }
      for (std::size_t i = 0; i < open.size(); ++i) {
        if (replied[i] > 5 || open[i]->written_so_far() < replied[i]) continue;
        if (++replied[i] > 5) {
          open[i]->end();
        } else {
          open[i]->reply(said("x"));
        }
      }
    }
  });
  std::atomic<int> complete{0};
  {
    std::vector<std::jthread> threads;
    for (int caller = 0; caller < callers; ++caller) {
      threads.emplace_back([&] {
        for (int i = 0; i < calls_each; ++i) {
          asked call(*this, http_get("/chat/ann"));
          if (i % 3 == 0) continue;
          call.answer.head();
          int count = 0;
          while (!call.answer.chunk().empty() && !call.answer.ended) ++count;
          if (count == 5 && !call.answer.ended) ++complete;
        }
      });
    }
  }
  BOOST_TEST(complete == callers * (calls_each - (calls_each + 2) / 3));
}

BOOST_AUTO_TEST_SUITE_END()
