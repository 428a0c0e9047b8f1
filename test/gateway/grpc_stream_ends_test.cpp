// Streams over gRPC whose client, server or memory does not go on.

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>
#include <thread>
#include <vector>

#include "test/gateway/grpc_streaming.hpp"

namespace perdure::gateway::testing {

BOOST_FIXTURE_TEST_SUITE(grpc_stream_ends, grpc_streaming)

BOOST_AUTO_TEST_CASE(a_reader_that_is_slow_holds_up_the_handler_and_nobody_else) {
  client_call slow(channel, listen_path);
  auto held_up = listen(slow);
  held_up->reply(more_than_a_window());

  connect();
  client_call quick(channel, listen_path);
  auto stream = listen(quick);
  for (std::size_t i = 0; i < 100; ++i) {
    stream->reply(said("x"));
    BOOST_TEST(heard(quick) == "x");
    BOOST_REQUIRE(stream->await_written(i + 1));
  }
  BOOST_TEST(held_up->written_so_far() == 0u);
  // It goes on where it was.
  BOOST_TEST((heard(slow) == more_than_a_window().text()));
  BOOST_TEST(held_up->await_written(1));
}

BOOST_AUTO_TEST_CASE(a_client_that_cancels_cancels_the_handler) {
  for (auto path : {listen_path, tell_path, talk_path}) {
    client_call call(channel, path);
    if (path == listen_path) call.write(say("a"));
    auto stream = streams.next();
    call.context.TryCancel();
    BOOST_TEST(stream->await_cancelled());
    BOOST_TEST(!stream->has_received());
  }
}

BOOST_AUTO_TEST_CASE(a_client_whose_connection_breaks_cancels_the_handler) {
  auto call = call_of(talk_path);
  auto stream = streams.next();
  call.reset();
  channel.reset();
  BOOST_TEST(stream->await_cancelled());
}

BOOST_AUTO_TEST_CASE(a_part_of_the_requests_is_never_taken_for_all) {
  for (int i = 0; i < 300; ++i) {
    auto call = call_of(tell_path);
    auto stream = streams.next();
    stream->want_request();
    call->write(say("a", "part"));
    BOOST_REQUIRE(stream->next());
    stream->want_request();
    call->context.TryCancel();
    BOOST_REQUIRE(stream->await_cancelled());
    BOOST_REQUIRE(!stream->has_received());
  }
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_stream_and_its_handler) {
  std::shared_ptr<fake_stream> stream;
  for (auto time = 100ms; !stream; time *= 2) {
    client_call call(channel, listen_path, [&](auto& context) {
      context.set_deadline(std::chrono::system_clock::now() + time);
    });
    call.write(say("a"));
    BOOST_TEST(call.finish().error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
    if (!streams.is_empty()) stream = streams.next();
  }
  BOOST_TEST(stream->await_cancelled());
  BOOST_CHECK(stream->opened_with.deadline != timestamp::max());
}

BOOST_AUTO_TEST_CASE(a_request_that_does_not_come_in_time_is_not_waited_for) {
  limits impatient;
  impatient.call_deadline = 50ms;
  grpc_streaming other(impatient);
  auto has_no_deadline = [](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::time_point::max());
  };
  client_call call(other.channel, listen_path, has_no_deadline);
  auto ended = call.finish();
  BOOST_TEST(ended.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  BOOST_TEST(holds(ended.error_message(), "no message gateway_test.EchoRequest came"));
  // A stream that is open lasts. All calls are looked at in the order in which they came, so it has
  // been, more than once, when others that came later and sent nothing are ended.
  client_call open(other.channel, listen_path, has_no_deadline);
  auto stream = other.listen(open);
  BOOST_CHECK(stream->opened_with.deadline == timestamp::max());
  for (int i = 0; i < 3; ++i) {
    client_call silent(other.channel, listen_path, has_no_deadline);
    BOOST_TEST(holds(silent.finish().error_message(), "no message gateway_test.EchoRequest came"));
  }
  BOOST_TEST(!stream->is_cancelled());
  stream->reply(said("still there"));
  BOOST_TEST(heard(open) == "still there");
}

BOOST_AUTO_TEST_CASE(more_streams_than_may_be_open_are_refused) {
  limits few;
  few.streams_max = 2;
  grpc_streaming other(few);
  auto first = other.call_of(tell_path), second = other.call_of(listen_path);
  second->write(say("a"));
  auto one = other.streams.next(), two = other.streams.next();
  client_call third(other.channel, talk_path);
  auto refused = third.finish();
  BOOST_TEST(refused.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  BOOST_TEST(holds(refused.error_message(), "all 2 streams"));
  // Unary calls go on, and so do streams once there is a place.
  client_call unary(other.channel, "/gateway_test.Chat/Say");
  unary.write(say("a", "x"));
  echo(other.commands.next());
  BOOST_TEST(unary.result().status.ok());
  first.reset();
  second.reset();
  other.streams.do_at_once([](fake_stream& stream) { stream.end(); });
  BOOST_TEST(eventually([&] { return other.call_of(tell_path)->finish().ok(); }));
}

BOOST_AUTO_TEST_CASE(readers_that_fill_the_memory_are_ended) {
  limits little;
  little.in_flight_bytes_max = 512 << 10;
  little.call_deadline = 200ms;
  grpc_streaming other(little);
  std::vector<std::unique_ptr<client_call>> calls;
  std::vector<std::shared_ptr<fake_stream>> open;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(other.call_of(listen_path));
    calls.back()->write(say("a"));
    open.push_back(other.streams.next());
  }
  for (const auto& one : open) one->reply(said(std::string(256 << 10, 'x')));
  // Some go, until there is room for others.
  BOOST_TEST(eventually([&] {
    return std::ranges::any_of(open, [](const auto& one) { return one->is_cancelled(); });
  }));
  other.streams.do_at_once([](fake_stream& stream) { stream.end(); });
  BOOST_TEST(eventually([&] {
    auto fresh = other.call_of(tell_path);
    return fresh->finish().ok();
  }));
}

BOOST_AUTO_TEST_CASE(stopping_ends_streams_and_says_so) {
  client_call listening(channel, listen_path), telling(channel, tell_path);
  auto told = streams.next();
  auto heard_by = listen(listening);
  heard_by->reply(said("last"));
  BOOST_TEST(heard_by->await_written(1));
  auto stopped = std::async(std::launch::async, [&] { return server->stop(patience); });
  BOOST_TEST(heard(listening) == "last");
  BOOST_TEST(heard(listening) == "end");
  auto ended = listening.finish();
  BOOST_TEST(ended.error_code() == grpc::StatusCode::UNAVAILABLE);
  BOOST_TEST(holds(ended.error_message(), "open the stream again"));  // something has happened
  BOOST_TEST(telling.finish().error_code() == grpc::StatusCode::UNAVAILABLE);
  BOOST_TEST(heard_by->await_cancelled());
  BOOST_TEST(told->await_cancelled());
  BOOST_TEST(stopped.get());
}

BOOST_AUTO_TEST_CASE(stopping_does_not_wait_for_readers_longer_than_its_grace) {
  client_call call(channel, listen_path);
  auto stream = listen(call);
  stream->reply(more_than_a_window());
  BOOST_TEST(server->stop(100ms));
  BOOST_TEST(stream->await_cancelled());
  server.reset();
  stream->reply(said("too late"));
  stream->end();
}

BOOST_AUTO_TEST_CASE(handlers_and_clients_may_speak_at_once) {
  // Handlers reply from a thread of their own while clients leave at random.
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
        if (replied[i] > 5) continue;
        if (replied[i] == 5) {
          ++replied[i];
          open[i]->end();
        } else if (open[i]->written_so_far() == replied[i]) {
          ++replied[i];
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
          client_call call(channel, listen_path);
          call.write(say("a"));
          std::string bytes;
          int count = 0;
          while (count < (i % 3 ? 6 : 2) && call.read(bytes)) ++count;
          if (i % 3 == 0) continue;
          if (call.finish().ok() && count == 5) ++complete;
        }
      });
    }
  }
  BOOST_TEST(complete == callers * (calls_each - (calls_each + 2) / 3));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
