#include "gateway/command_lookup.hpp"

#include "perdure/commands.pb.h"
#include "test/gateway/grpc_fixture.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace perdure::gateway::testing;

namespace {

constexpr const char* id = "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934";

struct fixture : grpc_fixture {
  answer ask(const std::string& about) {
    v1::GetCommandRequest request;
    request.set_id(about);
    return call("/perdure.v1.Commands/Get", request.SerializeAsString());
  }

  v1::Command told(const std::string& about) {
    auto got = ask(about);
    BOOST_REQUIRE_MESSAGE(got.status.ok(), got.status.error_message());
    v1::Command command;
    BOOST_REQUIRE(command.ParseFromString(got.bytes));
    return command;
  }

  actors::command_status accepted() const {
    return {{"letters", "a/b"}, catalog.find(mailbox_path)->method, false, {}};
  }
  actors::command_status ended(status how, std::string reply = {}) const {
    auto done = accepted();
    done.done = true;
    done.ended = {std::move(how), std::move(reply)};
    return done;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(command_lookup, fixture)

BOOST_AUTO_TEST_CASE(a_command_that_waits_is_pending) {
  known.tell(id, std::optional(accepted()));
  auto command = told(id);
  BOOST_TEST(command.id() == id);
  BOOST_TEST(command.entity_type() == "letters");
  BOOST_TEST(command.entity_id() == "a/b");
  BOOST_TEST(command.method() == "gateway_test.Letters.Say");
  BOOST_TEST(command.state() == v1::Command::PENDING);
  BOOST_TEST(!command.has_status());
  BOOST_TEST(!command.has_reply());
}

BOOST_AUTO_TEST_CASE(a_command_that_is_done_has_its_reply) {
  gateway_test::EchoReply said;
  said.set_text("hello");
  known.tell(id, std::optional(ended({}, said.SerializeAsString())));
  auto command = told(id);
  BOOST_TEST(command.state() == v1::Command::DONE);
  BOOST_TEST(command.has_status());
  BOOST_TEST(command.status().code() == 0);
  gateway_test::EchoReply reply;
  BOOST_TEST(command.reply().UnpackTo(&reply));
  BOOST_TEST(reply.text() == "hello");
}

BOOST_AUTO_TEST_CASE(a_command_that_was_rejected_has_its_status) {
  known.tell(id, std::optional(ended({status_code::failed_precondition, "it is closed"})));
  auto command = told(id);
  BOOST_TEST(command.state() == v1::Command::DONE);
  BOOST_TEST(command.status().code() == 9);
  BOOST_TEST(command.status().message() == "it is closed");
  BOOST_TEST(!command.has_reply());
}

BOOST_AUTO_TEST_CASE(a_command_of_an_rpc_that_is_gone_is_told_without_reply) {
  auto nameless = ended({}, "bytes");
  nameless.method = nullptr;
  known.tell(id, std::optional(nameless));
  auto command = told(id);
  BOOST_TEST(command.state() == v1::Command::DONE);
  BOOST_TEST(command.method().empty());
  BOOST_TEST(!command.has_reply());
}

BOOST_AUTO_TEST_CASE(an_id_may_be_in_capitals) {
  known.tell(id, std::optional(accepted()));
  BOOST_TEST(told("9B2D61C4-3F0E-4A7B-8D15-60C2F7A1E934").id() == id);
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_not_found) {
  auto got = ask(id);
  BOOST_TEST(got.status.error_code() == grpc::StatusCode::NOT_FOUND);
  BOOST_TEST(got.status.error_message().find(id) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_uuid_is_refused) {
  for (const auto& about : {std::string(), std::string("7"), std::string(1 << 20, 'i')}) {
    auto got = ask(about);
    BOOST_TEST(got.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    BOOST_TEST(got.status.error_message().find("perdure-command-id") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_read_says_so) {
  known.tell(id, status(status_code::unavailable, "the disk is broken"));
  auto got = ask(id);
  BOOST_TEST(got.status.error_code() == grpc::StatusCode::UNAVAILABLE);
  BOOST_TEST(got.status.error_message() == "the disk is broken");
}

BOOST_AUTO_TEST_SUITE_END()
