// Streams over HTTP whose client, server or memory does not go on.

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "test/gateway/http_streaming.hpp"

namespace perdure::gateway::testing {

BOOST_FIXTURE_TEST_SUITE(http_stream_ends, http_streaming)

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
  auto large = more_than_sockets_hold();
  held_up->reply(said("one"));
  BOOST_TEST(held_up->await_written(1));
  held_up->reply(said(large));
  slow.answer.head();
  slow.answer.chunk();
  auto begun = slow.answer.line();  // how long the next one is
  // Others on any thread of the server go on.
  for (int i = 0; i < 4; ++i) {
    http_client other(server->port());
    BOOST_TEST(other.ask(http_post("/gateway_test.Chat/Say", "{}")).result_int() == 200u);
  }
  BOOST_TEST(held_up->written_so_far() == 1u);
  auto size = std::stoul(begun, nullptr, 16);
  BOOST_TEST(size > large.size());
  slow.answer.bytes(size);
  BOOST_TEST(held_up->await_written(2));
}

BOOST_AUTO_TEST_CASE(a_reader_that_takes_nothing_for_too_long_is_cut_off) {
  limits impatient;
  impatient.http_idle_max = 300ms;
  http_streaming other(impatient);
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
  // For what two of them do not read, and not for that of three.
  const auto large = more_than_sockets_hold();
  limits little;
  little.in_flight_bytes_max = large.size() + 1000;
  http_streaming other(little);
  std::vector<std::unique_ptr<asked>> calls;
  std::vector<std::shared_ptr<fake_stream>> open;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(std::make_unique<asked>(other, http_get("/chat/ann")));
    open.push_back(other.streams.next());
  }
  for (int i = 0; i < 2; ++i) open[i]->reply(said(large));
  // Nothing new is begun once both are counted.
  BOOST_TEST(http_eventually([&] {
    http_client fresh(other.server->port());
    return fresh.ask(http_post("/gateway_test.Chat/Say", "{}")).result_int() == 503u;
  }));
  open[2]->reply(said(large));
  BOOST_TEST(open[2]->await_cancelled());
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(!open[i]->is_cancelled());
    BOOST_TEST(open[i]->written_so_far() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_stream_that_pauses_is_kept_alive) {
  limits lively;
  lively.http_idle_max = 200ms;
  http_streaming other(lively);
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

  // Lines have no comments, but the head comes; and the pause may be longer than http_idle_max.
  asked lines(other, http_get("/chat/ann"));
  auto second = other.streams.next();
  BOOST_TEST(holds(lines.answer.head(), "200 OK"));
  for (int i = 0; i < 9; ++i) told.answer.chunk();  // each a quarter of http_idle_max apart
  second->end({status_code::not_found, "after all"});
  BOOST_TEST(holds(lines.answer.chunk(), "{\"error\":{\"code\":5,"));
  BOOST_TEST(lines.answer.chunk() == "cut");
}

BOOST_AUTO_TEST_CASE(more_streams_than_may_be_open_are_refused) {
  limits few;
  few.streams_max = 1;
  http_streaming other(few);
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

}  // namespace perdure::gateway::testing
