#include "gateway/grpc_unsent.hpp"

#include "test/gateway/grpc_fixture.hpp"

namespace perdure::gateway::testing {
namespace {

// One large reply is more than the bound, two more than twice the bound.
const std::string large(4'000'000, 'x');

struct little_memory : grpc_fixture {
  little_memory() : grpc_fixture({}, bound()) {}

  static limits bound() {
    limits bounds;
    bounds.in_flight_bytes_max = 3'000'000;
    return bounds;
  }

  // Answers with a large reply, which the caller does not read yet.
  void answer_large(client_call& caller) {
    caller.write(say("a"));
    commands.next().reply({{}, large});
  }

  // Answered at once, if it is not refused.
  grpc::Status small_call() {
    client_call made(channel, say_path);
    made.write(say("b"));
    std::jthread answering([&](std::stop_token stop) {
      while (!stop.stop_requested()) {
        if (auto command = commands.poll()) echo(*std::move(command));
      }
    });
    return made.result().status;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(grpc_unsent)

BOOST_FIXTURE_TEST_CASE(calls_are_refused_while_replies_are_not_read, little_memory) {
  client_call slow(channel, say_path);
  answer_large(slow);
  auto refused = call(say_path, say("b"));
  BOOST_TEST(refused.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  BOOST_TEST(refused.status.error_message() ==
             "replies that clients do not read fill the memory; read them or retry later");
  BOOST_TEST(!commands.poll());
  BOOST_TEST(call("/grpc.health.v1.Health/Check", "").status.ok());
  auto got = slow.result();
  BOOST_TEST(got.status.ok());
  BOOST_TEST((got.bytes == large));
  BOOST_TEST(eventually([&] { return small_call().ok(); }));
}

BOOST_FIXTURE_TEST_CASE(what_a_caller_that_left_did_not_read_counts_no_more, little_memory) {
  client_call slow(channel, say_path);
  answer_large(slow);
  BOOST_TEST(call(say_path, say("b")).status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  slow.context.TryCancel();
  BOOST_TEST(eventually([&] { return small_call().ok(); }));
}

BOOST_FIXTURE_TEST_CASE(a_reply_past_twice_the_bound_is_dropped_and_its_caller_told,
                        little_memory) {
  client_call first(channel, say_path), second(channel, say_path);
  first.write(say("a"));
  auto one = commands.next();
  second.write(say("b"));
  auto two = commands.next();
  one.reply({{}, large});
  two.reply({{}, large});
  auto got = second.finish();
  BOOST_TEST(got.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  BOOST_TEST(got.error_message().starts_with("the command is done"), got.error_message());
  BOOST_TEST(first.result().status.ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
