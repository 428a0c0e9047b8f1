#include "gateway/http_stream_call.hpp"

#include <boost/test/unit_test.hpp>

#include "test/gateway/http_streaming.hpp"

namespace perdure::gateway::testing {

BOOST_FIXTURE_TEST_SUITE(http_stream_call, http_streaming)

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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
