#include "gateway/grpc_open_calls.hpp"

#include "test/gateway/grpc_fixture.hpp"

using namespace std::chrono_literals;

namespace perdure::gateway::testing {
namespace {

limits with_deadline(std::chrono::milliseconds call_deadline) {
  limits bounds;
  bounds.call_deadline = call_deadline;
  return bounds;
}

struct impatient : grpc_fixture {
  impatient() : grpc_fixture({}, with_deadline(50ms)) {}
};

void without_deadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::time_point::max());
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// More than a connection takes before somebody reads.
const std::string large(4'000'000, 'x');

}  // namespace

BOOST_AUTO_TEST_SUITE(grpc_open_calls)

BOOST_FIXTURE_TEST_CASE(a_call_whose_message_never_comes_is_ended_at_its_deadline, impatient) {
  for (auto path : {say_path, "/grpc.health.v1.Health/Check"}) {
    client_call silent(channel, path, without_deadline);
    auto got = silent.finish();
    BOOST_TEST(got.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
    BOOST_TEST(holds(got.error_message(), "no message "), got.error_message());
  }
  BOOST_TEST(!commands.poll());
}

BOOST_FIXTURE_TEST_CASE(a_call_without_an_outcome_is_ended_at_its_deadline, impatient) {
  client_call made(channel, say_path, without_deadline);
  made.write(say("a"));
  auto command = commands.next();
  auto got = made.finish();
  BOOST_TEST(got.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  BOOST_TEST(holds(got.error_message(), "may still take effect"), got.error_message());
  BOOST_TEST(eventually([&] { return command.cancelled->load(); }));
  std::weak_ptr alive = command.cancelled;
  echo(std::move(command));
  command = {};
  BOOST_TEST(eventually([&] { return alive.expired(); }));
}

BOOST_FIXTURE_TEST_CASE(a_call_with_a_later_deadline_of_its_own_has_until_then, impatient) {
  client_call made(channel, say_path);
  made.write(say("a"));
  auto command = commands.next();
  for (int i = 0; i < 3; ++i) client_call(channel, say_path, without_deadline).finish();
  BOOST_TEST(!*command.cancelled);
  echo(std::move(command));
  BOOST_TEST(made.result().status.ok());
}

BOOST_FIXTURE_TEST_CASE(a_reply_that_nobody_reads_is_dropped, impatient) {
  for (bool own_deadline : {true, false}) {
    client_call deaf(channel, say_path, [&](auto& context) {
      if (!own_deadline) without_deadline(context);
    });
    deaf.write(say("a"));
    auto command = commands.next();
    std::weak_ptr alive = command.cancelled;
    command.reply({{}, large});
    command = {};
    BOOST_TEST(eventually([&] { return alive.expired(); }));
    BOOST_TEST(!deaf.result().status.ok());
  }
}

BOOST_FIXTURE_TEST_CASE(stopping_ends_calls_whose_message_has_not_come, grpc_fixture) {
  client_call silent(channel, say_path);
  client_call silent_check(channel, "/grpc.health.v1.Health/Check");
  // Once a later call of the connection is there, these are too.
  client_call busy(channel, say_path);
  busy.write(say("a"));
  echo(commands.next());
  BOOST_TEST(busy.result().status.ok());
  BOOST_TEST(server->stop(patience));
  for (auto* one : {&silent, &silent_check}) {
    auto got = one->finish();
    BOOST_TEST(got.error_code() == grpc::StatusCode::UNAVAILABLE, got.error_message());
  }
  BOOST_TEST(!commands.poll());
}

BOOST_FIXTURE_TEST_CASE(a_reply_that_is_not_read_when_the_server_stops_was_an_answer,
                        grpc_fixture) {
  client_call deaf(channel, say_path);
  deaf.write(say("a"));
  commands.next().reply({{}, large});
  BOOST_TEST(server->stop(0ms));
}

BOOST_AUTO_TEST_CASE(messages_deadlines_and_the_servers_end_may_come_at_once) {
  for (int round = 0; round < 20; ++round) {
    grpc_fixture fixture(echo, with_deadline(1ms));
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int i = 0; i < 25; ++i) {
          client_call made(fixture.channel, grpc_fixture::say_path);
          if (i % 2) made.write(grpc_fixture::say("a"));
          if (i % 2) made.result();
        }
      });
    }
    if (round % 2) callers.clear();
    fixture.server->stop(patience);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
