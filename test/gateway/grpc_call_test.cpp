#include "gateway/grpc_call.hpp"

#include "base/uuid.hpp"
#include "test/gateway/grpc_fixture.hpp"

// Not at global scope: gRPC's C headers define a grpc_call there.
namespace perdure::gateway::testing {
namespace {

void sent(grpc::ClientContext& context) { context.AddMetadata("perdure-send", "true"); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(grpc_call, grpc_fixture)

BOOST_AUTO_TEST_CASE(a_sent_command_is_answered_with_an_empty_message_and_its_id) {
  client_call made(channel, say_path, sent);
  made.write(say("a", "hello"));
  auto command = commands.next();
  BOOST_CHECK(command.way == actors::delivery::sent);
  BOOST_TEST(parse_uuid(command.command_id).has_value());
  command.reply({});
  std::string bytes = "unset";
  BOOST_TEST(made.read(bytes));
  BOOST_TEST(bytes.empty());
  BOOST_TEST(made.finish().ok());
  BOOST_TEST(made.told("perdure-command-id") == "[" + command.command_id + "]");
}

BOOST_AUTO_TEST_CASE(the_id_is_told_before_the_outcome) {
  client_call made(channel, mailbox_path);
  made.write(say("a", "hello"));
  auto command = commands.next();
  BOOST_CHECK(command.way == actors::delivery::mailbox);
  BOOST_REQUIRE(made.read_initial_metadata());
  BOOST_TEST(made.told("perdure-command-id") == "[" + command.command_id + "]");
  echo(std::move(command));
  auto got = made.result();
  BOOST_TEST(got.status.ok());
  gateway_test::EchoReply reply;
  BOOST_TEST(reply.ParseFromString(got.bytes));
  BOOST_TEST(reply.text() == "re: hello");
}

BOOST_AUTO_TEST_CASE(the_id_is_told_also_with_an_error) {
  client_call made(channel, mailbox_path);
  made.write(say("a"));
  auto command = commands.next();
  command.reply({{status_code::unavailable, "unknown outcome"}, {}});
  BOOST_TEST(made.result().status.error_code() == grpc::StatusCode::UNAVAILABLE);
  BOOST_TEST(made.told("perdure-command-id") == "[" + command.command_id + "]");
}

BOOST_AUTO_TEST_CASE(a_command_that_goes_straight_has_no_id) {
  client_call made(channel, say_path,
                   [](auto& context) { context.AddMetadata("perdure-send", "false"); });
  made.write(say("a"));
  echo(commands.next());
  BOOST_TEST(made.result().status.ok());
  BOOST_TEST(made.told("perdure-command-id").empty());
}

BOOST_AUTO_TEST_CASE(an_id_from_the_caller_is_not_taken) {
  client_call made(channel, mailbox_path, [](auto& context) {
    context.AddMetadata("perdure-command-id", "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934");
  });
  made.write(say("a"));
  auto command = commands.next();
  BOOST_TEST(command.command_id != "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934");
  BOOST_TEST(!command.metadata.contains("perdure-command-id"));
  echo(std::move(command));
  made.result();
}

BOOST_AUTO_TEST_CASE(another_word_for_sending_is_refused) {
  auto got =
      call(say_path, say("a"), [](auto& context) { context.AddMetadata("perdure-send", "maybe"); });
  BOOST_TEST(got.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(got.status.error_message().find("perdure-send") != std::string::npos);
  BOOST_TEST(!commands.poll());
}

BOOST_AUTO_TEST_CASE(callers_may_leave_while_they_are_told_an_id) {
  constexpr int calls = 200;
  for (int i = 0; i < calls; ++i) {
    client_call made(channel, mailbox_path);
    made.write(say("a"));
    if (i % 2) made.context.TryCancel();
    if (auto command = commands.poll()) echo(*std::move(command));
  }
  client_call last(channel, mailbox_path);
  last.write(say("last"));
  for (;;) {
    auto command = commands.next();
    bool is_last = command.target.id == "last";
    echo(std::move(command));
    if (is_last) break;
  }
  BOOST_TEST(last.result().status.ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
