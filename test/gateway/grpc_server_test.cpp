#include "gateway/grpc_server.hpp"

#include <future>

#include "test/gateway/grpc_fixture.hpp"

using namespace std::chrono_literals;

// Not at global scope: gRPC's C headers define a grpc_server there.
namespace perdure::gateway::testing {
namespace {

// For tests in which every command that arrives is answered at once.
struct echoing : grpc_fixture {
  echoing() : grpc_fixture(echo) {}

  // The server still serves: checked after it was treated badly.
  void check_goes_on() {
    auto got = call(say_path, say("a", "still"));
    BOOST_TEST(got.status.ok(), got.status.error_message());
    gateway_test::EchoReply reply;
    BOOST_TEST(reply.ParseFromString(got.bytes));
    BOOST_TEST(reply.text() == "re: still");
  }

  grpc::StatusCode code_of(const std::string& path, const std::string& bytes) {
    auto got = call(path, bytes);
    BOOST_TEST_MESSAGE(got.status.error_message());
    return got.status.error_code();
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(grpc_server)

BOOST_FIXTURE_TEST_CASE(a_call_reaches_its_entity_and_its_reply_the_caller, grpc_fixture) {
  auto deadline = std::chrono::system_clock::now() + 10min;
  client_call made(channel, say_path, [&](auto& context) {
    context.set_deadline(deadline);
    context.AddMetadata("traceparent", "00-1-2-01");
    context.AddMetadata("idempotency-key", "once");
  });
  made.write(say("a", "hello"));
  auto command = commands.next();
  BOOST_TEST(to_string(command.target) == "echo/a");
  BOOST_TEST(command.idempotency_key == "once");
  BOOST_TEST(first_value(command.metadata, "traceparent") == "00-1-2-01");
  BOOST_TEST(command.request_bytes == say("a", "hello").size());
  // The deadline travels as time left, in whole milliseconds or coarser.
  auto off = std::chrono::abs(command.deadline - deadline);
  BOOST_CHECK(off < 5s);
  BOOST_TEST(!*command.cancelled);
  echo(std::move(command));
  auto got = made.result();
  BOOST_TEST(got.status.ok());
  gateway_test::EchoReply reply;
  BOOST_TEST(reply.ParseFromString(got.bytes));
  BOOST_TEST(reply.text() == "re: hello");
}

BOOST_FIXTURE_TEST_CASE(an_empty_reply_is_a_message_too, grpc_fixture) {
  client_call made(channel, say_path);
  made.write(say("a"));
  commands.next().reply({{}, ""});
  std::string bytes = "unset";
  BOOST_TEST(made.read(bytes));
  BOOST_TEST(bytes.empty());
  BOOST_TEST(made.finish().ok());
}

BOOST_FIXTURE_TEST_CASE(a_rejection_reaches_the_caller_with_code_and_text, grpc_fixture) {
  client_call made(channel, say_path);
  made.write(say("a"));
  commands.next().reply({{status_code::failed_precondition, "der Wagen ist schon gefüllt"}, {}});
  auto got = made.finish();
  BOOST_TEST(got.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
  BOOST_TEST(got.error_message() == "der Wagen ist schon gefüllt");
}

BOOST_FIXTURE_TEST_CASE(a_text_of_any_length_does_not_cost_the_code, grpc_fixture) {
  client_call made(channel, say_path);
  made.write(say("a"));
  std::string umlauts;
  for (int i = 0; i < 100'000; ++i) umlauts += "ü";
  commands.next().reply({{status_code::not_found, "x" + umlauts}, {}});
  auto got = made.finish();
  BOOST_TEST(got.error_code() == grpc::StatusCode::NOT_FOUND);
  BOOST_TEST(got.error_message().ends_with("ü..."));
}

BOOST_FIXTURE_TEST_CASE(what_is_not_served_is_unimplemented_and_named, echoing) {
  auto method = call("/gateway_test.Echo/Shout", say("a"));
  BOOST_TEST(method.status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
  BOOST_TEST(holds(method.status.error_message(), "gateway_test.Echo has no method \"Shout\""));
  auto service = call("/gateway_test.Nobody/Say", say("a"));
  BOOST_TEST(service.status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
  BOOST_TEST(holds(service.status.error_message(), "\"gateway_test.Nobody\""));
  for (auto path : {"/", "//", "/x", "/gateway_test.Echo", "/gateway_test.Echo/Say/More"}) {
    BOOST_TEST(code_of(path, say("a")) == grpc::StatusCode::UNIMPLEMENTED);
  }
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(bytes_that_are_no_message_are_refused, echoing) {
  BOOST_TEST(code_of(say_path, "\xff\xff\xff") == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(code_of(say_path, say("a").substr(0, 2)) == grpc::StatusCode::INVALID_ARGUMENT);
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(text_that_is_not_utf8_is_refused, echoing) {
  std::string bad_key("\x0a\x02\xc3\x28", 4);
  BOOST_TEST(code_of(say_path, bad_key) == grpc::StatusCode::INVALID_ARGUMENT);
  std::string bad_text(
      "\x0a\x01"
      "a"
      "\x12\x02\xed\xa0",
      7);
  BOOST_TEST(code_of(say_path, bad_text) == grpc::StatusCode::INVALID_ARGUMENT);
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_call_without_message_is_refused, echoing) {
  client_call made(channel, say_path);
  made.writes_done();
  BOOST_TEST(made.finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_second_message_is_ignored, grpc_fixture) {
  client_call made(channel, say_path);
  made.write(say("a", "first"));
  made.write(say("b", "second"));
  echo(commands.next());
  auto got = made.result();
  BOOST_TEST(got.status.ok());
  BOOST_TEST(holds(got.bytes, "first"));
  BOOST_TEST(!commands.poll());
}

BOOST_FIXTURE_TEST_CASE(an_empty_or_over_long_key_is_refused, echoing) {
  BOOST_TEST(code_of(say_path, say("")) == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(code_of(say_path, say(std::string(1 << 20, 'k'))) ==
             grpc::StatusCode::INVALID_ARGUMENT);
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_message_of_five_megabytes_is_refused, echoing) {
  BOOST_TEST(code_of(say_path, say("a", std::string(5 << 20, 't'))) ==
             grpc::StatusCode::RESOURCE_EXHAUSTED);
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_compressed_message_is_read, grpc_fixture) {
  client_call made(channel, say_path,
                   [](auto& context) { context.set_compression_algorithm(GRPC_COMPRESS_GZIP); });
  made.write(say("a", std::string(100'000, 't')));
  auto command = commands.next();
  const auto& request = dynamic_cast<gateway_test::EchoRequest&>(*command.request);
  BOOST_TEST(request.text() == std::string(100'000, 't'));
  echo(std::move(command));
  BOOST_TEST(made.result().status.ok());
}

BOOST_FIXTURE_TEST_CASE(a_message_that_is_small_only_compressed_is_refused, echoing) {
  auto got = call(say_path, say("a", std::string(5 << 20, 't')),
                  [](auto& context) { context.set_compression_algorithm(GRPC_COMPRESS_GZIP); });
  BOOST_TEST(got.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  BOOST_TEST(holds(got.status.error_message(), "unpacks to more than 4194304 bytes"));
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_bad_idempotency_key_is_refused, echoing) {
  for (auto key : {std::string(), std::string(bounds.idempotency_key_bytes_max + 1, 'k')}) {
    auto got = call(say_path, say("a"),
                    [&](auto& context) { context.AddMetadata("idempotency-key", key); });
    BOOST_TEST(got.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  }
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(metadata_over_their_bound_are_refused, echoing) {
  for (auto size : {bounds.metadata_bytes_max + 1, bounds.metadata_bytes_max * 3}) {
    auto got = call(say_path, say("a"),
                    [&](auto& context) { context.AddMetadata("big", std::string(size, 'm')); });
    BOOST_TEST_MESSAGE(got.status.error_message());
    BOOST_TEST(got.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
    BOOST_TEST(holds(got.status.error_message(), "at most 16384 are allowed"));
  }
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(metadata_far_over_their_bound_cost_at_most_the_connection, echoing) {
  auto got = call(say_path, say("a"), [&](auto& context) {
    context.AddMetadata("big", std::string(bounds.metadata_bytes_max * 8, 'm'));
  });
  BOOST_TEST(!got.status.ok());
  connect();
  check_goes_on();
}

BOOST_FIXTURE_TEST_CASE(a_reply_after_the_callers_deadline_goes_nowhere, grpc_fixture) {
  // A deadline short enough not to wait for, and long enough for the command to arrive.
  std::optional<actors::command> command;
  for (auto time = 50ms; !command; time *= 2) {
    client_call made(channel, say_path, [&](auto& context) {
      context.set_deadline(std::chrono::system_clock::now() + time);
    });
    made.write(say("a"));
    BOOST_TEST(made.finish().error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
    command = commands.poll();
  }
  BOOST_TEST(eventually([&] { return command->cancelled->load(); }));
  std::weak_ptr alive = command->cancelled;
  echo(*std::move(command));
  command.reset();
  BOOST_TEST(eventually([&] { return alive.expired(); }));
}

BOOST_FIXTURE_TEST_CASE(a_caller_that_cancels_is_known_to_be_gone, grpc_fixture) {
  client_call made(channel, say_path);
  made.write(say("a"));
  auto command = commands.next();
  BOOST_TEST(!command.cancelled->load());
  made.context.TryCancel();
  BOOST_TEST(eventually([&] { return command.cancelled->load(); }));
  std::weak_ptr alive = command.cancelled;
  command.reply({{status_code::cancelled, "gone"}, {}});
  command = {};
  BOOST_TEST(eventually([&] { return alive.expired(); }));
}

BOOST_FIXTURE_TEST_CASE(a_caller_whose_connection_breaks_is_known_to_be_gone, grpc_fixture) {
  auto made = std::make_unique<client_call>(channel, say_path);
  made->write(say("a"));
  auto command = commands.next();
  made.reset();
  channel.reset();
  BOOST_TEST(eventually([&] { return command.cancelled->load(); }));
  echo(std::move(command));
}

BOOST_AUTO_TEST_CASE(replies_and_cancels_may_come_from_anywhere_at_once) {
  // Commands are answered by another thread while their callers give up at random.
  grpc_fixture fixture;
  constexpr int callers = 4, calls_each = 250;
  std::jthread answering([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      if (auto command = fixture.commands.poll()) echo(*std::move(command));
    }
  });
  std::atomic<int> answered{0}, cancelled{0};
  {
    std::vector<std::jthread> threads;
    for (int caller = 0; caller < callers; ++caller) {
      threads.emplace_back([&, caller] {
        for (int i = 0; i < calls_each; ++i) {
          client_call made(fixture.channel, grpc_fixture::say_path);
          made.write(grpc_fixture::say(std::to_string(caller)));
          if (i % 2) made.context.TryCancel();
          (made.result().status.ok() ? answered : cancelled)++;
        }
      });
    }
  }
  BOOST_TEST(answered >= callers * calls_each / 2);
  BOOST_TEST(answered + cancelled == callers * calls_each);
}

BOOST_FIXTURE_TEST_CASE(stopping_answers_what_was_accepted_and_takes_nothing_new, grpc_fixture) {
  client_call made(channel, say_path);
  made.write(say("a"));
  auto command = commands.next();

  auto stopped = std::async(std::launch::async, [&] { return server->stop(patience); });
  BOOST_TEST(eventually([&] {
    auto refused = call("/grpc.health.v1.Health/Check", "").status;
    return refused.error_code() == grpc::StatusCode::UNAVAILABLE;
  }));
  BOOST_TEST(!*command.cancelled);
  echo(std::move(command));
  BOOST_TEST(made.result().status.ok());
  BOOST_TEST(stopped.get());
}

BOOST_FIXTURE_TEST_CASE(stopping_cancels_what_is_left_when_the_grace_is_over, grpc_fixture) {
  client_call made(channel, say_path);
  made.write(say("a"));
  auto command = commands.next();
  BOOST_TEST(!server->stop(0ms));
  BOOST_TEST(*command.cancelled);
  BOOST_TEST(!made.result().status.ok());
  server.reset();
  echo(std::move(command));
}

BOOST_AUTO_TEST_CASE(a_server_goes_with_calls_under_way) {
  actors::command held;
  {
    grpc_fixture fixture;
    client_call made(fixture.channel, grpc_fixture::say_path);
    made.write(grpc_fixture::say("a"));
    held = fixture.commands.next();
    fixture.server.reset();
  }
  BOOST_TEST(*held.cancelled);
  echo(std::move(held));
}

BOOST_FIXTURE_TEST_CASE(an_address_that_is_taken_is_a_clear_error, grpc_fixture) {
  auto second =
      gateway::grpc_server::start({"127.0.0.1", server->port()}, catalog, endpoint, bounds);
  BOOST_REQUIRE(!second.ok());
  BOOST_CHECK(second.error().code() == status_code::unavailable);
  BOOST_TEST(holds(second.error().message(), "127.0.0.1:" + std::to_string(server->port())));
  BOOST_TEST(holds(second.error().message(), "--grpc-port"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
