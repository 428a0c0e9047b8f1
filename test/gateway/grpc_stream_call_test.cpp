#include "gateway/grpc_stream_call.hpp"

#include <boost/test/unit_test.hpp>

#include "test/gateway/grpc_streaming.hpp"

namespace perdure::gateway::testing {

BOOST_FIXTURE_TEST_SUITE(grpc_stream_call, grpc_streaming)

BOOST_AUTO_TEST_CASE(one_request_gets_many_replies) {
  client_call call(channel, listen_path, [](auto& context) { context.AddMetadata("who", "ann"); });
  auto stream = listen(call);
  BOOST_TEST(text_of(*stream->opened_with.request) == "hello");
  BOOST_TEST(stream->opened_with.method->name() == "Listen");
  BOOST_TEST(stream->opened_with.metadata.find("who")->second == "ann");
  for (int i = 1; i <= 3; ++i) {
    stream->reply(said(std::to_string(i)));
    BOOST_TEST(heard(call) == std::to_string(i));
    BOOST_TEST(stream->await_written(static_cast<std::size_t>(i)));
  }
  stream->end();
  BOOST_TEST(heard(call) == "end");
  BOOST_TEST(call.finish().ok());
  BOOST_TEST(!stream->is_cancelled());
}

BOOST_AUTO_TEST_CASE(many_requests_get_one_reply) {
  client_call call(channel, tell_path);
  auto stream = streams.next();
  BOOST_TEST(!stream->opened_with.request);
  for (auto text : {"one", "two"}) {
    stream->want_request();
    call.write(say("a", text));
    BOOST_TEST(text_of(*stream->next()) == text);
  }
  stream->want_request();
  call.writes_done();
  BOOST_TEST(!stream->next());
  stream->reply(said("both"));
  stream->end();
  BOOST_TEST(heard(call) == "both");
  BOOST_TEST(call.finish().ok());
}

BOOST_AUTO_TEST_CASE(requests_and_replies_take_turns_as_they_like) {
  client_call call(channel, talk_path);
  auto stream = streams.next();
  stream->reply(said("who is there"));
  BOOST_TEST(heard(call) == "who is there");
  BOOST_TEST(stream->await_written(1));
  stream->want_request();
  call.write(say("a", "ann"));
  BOOST_TEST(text_of(*stream->next()) == "ann");
  stream->want_request();
  call.writes_done();
  BOOST_TEST(!stream->next());
  stream->reply(said("bye"));
  BOOST_TEST(heard(call) == "bye");
  BOOST_TEST(stream->await_written(2));
  stream->end();
  BOOST_TEST(call.finish().ok());
}

BOOST_AUTO_TEST_CASE(a_stream_may_stay_empty) {
  client_call call(channel, listen_path);
  listen(call)->end();
  BOOST_TEST(heard(call) == "end");
  BOOST_TEST(call.finish().ok());
}

BOOST_AUTO_TEST_CASE(a_handler_may_be_done_before_it_is_known) {
  streams.do_at_once([](fake_stream& stream) {
    stream.reply(said("quick"));
    stream.end();
  });
  client_call call(channel, listen_path);
  listen(call);
  BOOST_TEST(heard(call) == "quick");
  BOOST_TEST(heard(call) == "end");
  BOOST_TEST(call.finish().ok());
}

BOOST_AUTO_TEST_CASE(a_rejection_ends_the_stream_behind_its_replies) {
  client_call call(channel, listen_path);
  auto stream = listen(call);
  stream->reply(said("a"));
  stream->end({status_code::failed_precondition, "no more of it"});
  BOOST_TEST(heard(call) == "a");
  BOOST_TEST(heard(call) == "end");
  auto ended = call.finish();
  BOOST_TEST(ended.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
  BOOST_TEST(ended.error_message() == "no more of it");
}

BOOST_AUTO_TEST_CASE(a_message_is_read_only_when_it_is_wanted) {
  client_call call(channel, talk_path);
  auto stream = streams.next();
  call.write(say("a", "early"));
  // What the server has seen after the message is what it does with it: nothing.
  stream->reply(said("go on"));
  BOOST_TEST(heard(call) == "go on");
  BOOST_TEST(stream->await_written(1));
  BOOST_TEST(!stream->has_received());
  stream->want_request();
  BOOST_TEST(text_of(*stream->next()) == "early");
}

BOOST_AUTO_TEST_CASE(a_malformed_request_ends_the_stream_and_its_handler) {
  client_call call(channel, tell_path);
  auto stream = streams.next();
  stream->want_request();
  call.write(std::string("\xff\xff\xff"));
  BOOST_TEST(call.finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(stream->await_cancelled());

  client_call first(channel, listen_path);
  first.write(std::string("\xff\xff\xff"));
  BOOST_TEST(first.finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(streams.is_empty());
}

BOOST_AUTO_TEST_CASE(a_call_without_its_request_is_refused) {
  client_call call(channel, listen_path);
  call.writes_done();
  auto ended = call.finish();
  BOOST_TEST(ended.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(holds(ended.error_message(), "gateway_test.EchoRequest"));
}

BOOST_AUTO_TEST_CASE(a_stream_cannot_be_sent) {
  client_call call(channel, listen_path,
                   [](auto& context) { context.AddMetadata("perdure-send", "true"); });
  call.write(say("a"));
  auto ended = call.finish();
  BOOST_TEST(ended.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(holds(ended.error_message(), "do not stream"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
