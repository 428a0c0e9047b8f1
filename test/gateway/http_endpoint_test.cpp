#include "gateway/http_endpoint.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <mutex>

#include "base/uuid.hpp"
#include "gateway/http_error.hpp"
#include "test/gateway/http_client.hpp"
#include "test/gateway/http_models.hpp"
#include "test/gateway/known_commands.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace perdure::gateway::testing;
using std::chrono::milliseconds;

namespace {

// The whole HTTP half, in front of a function of the test instead of entities.
struct serving {
  using submit = std::function<void(actors::command)>;

  explicit serving(submit handle = {}, limits with = {})
      : bounds(with),
        endpoint({.submit =
                      [this, handle = std::move(handle)](actors::command c) {
                        handle ? handle(std::move(c)) : hold(std::move(c));
                      },
                  .own = known.own(),
                  .open_stream = {}},
                 clock, bounds) {
    auto started = gateway::http_server::start({"127.0.0.1", 0}, {served}, bounds);
    BOOST_REQUIRE_MESSAGE(started.ok(), to_string(started.error()));
    server = *std::move(started);
  }

  void hold(actors::command c) {
    std::lock_guard lock(mutex);
    waiting.push_back(std::move(c));
  }

  actors::command next() {
    actors::command first{};
    BOOST_REQUIRE(http_eventually([&] {
      std::lock_guard lock(mutex);
      if (waiting.empty()) return false;
      first = std::move(waiting.front());
      waiting.pop_front();
      return true;
    }));
    return first;
  }

  http_client::response ask(const std::string& bytes) {
    return http_client(server->port()).ask(bytes);
  }

  limits bounds;
  manual_clock clock;
  service_catalog catalog = http_catalog("Books", "Letters");
  gateway::http_routes routes = *gateway::http_routes::of(catalog);
  known_commands known;
  command_endpoint endpoint;
  gateway::http_endpoint served{routes, endpoint, clock, bounds};
  std::mutex mutex;
  std::deque<actors::command> waiting;
  std::unique_ptr<gateway::http_server> server;
};

// Answers with the request.
void echo(actors::command c) { c.reply({{}, c.request->SerializeAsString()}); }

struct echoing : serving {
  echoing() : serving(echo) {}
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_error(const http_client::response& got, unsigned status, const std::string& text) {
  BOOST_TEST(got.result_int() == status);
  BOOST_TEST(got["Content-Type"] == "application/json");
  BOOST_TEST(has(got.body(), text), got.body());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_endpoint)

BOOST_FIXTURE_TEST_CASE(a_request_becomes_a_command_and_its_reply_json, serving) {
  http_client c(server->port());
  c.send(http_get("/books/a%2Fb?name=x",
                  "Idempotency-Key: k1\r\ntraceparent: 00-1-2-03\r\nx-raw-bin: AQI=\r\n"));
  auto got = next();
  BOOST_TEST(to_string(got.target) == "Books/a/b");
  BOOST_TEST(got.method->full_name() == "http_test.Books.Get");
  BOOST_TEST(dynamic_cast<http_test::Book&>(*got.request).name() == "x");
  BOOST_TEST(got.request_bytes == got.request->ByteSizeLong());
  BOOST_TEST(got.idempotency_key == "k1");
  BOOST_TEST(first_value(got.metadata, "traceparent") == "00-1-2-03");
  BOOST_TEST(first_value(got.metadata, "x-raw-bin") == "\x01\x02");
  BOOST_TEST((got.deadline == clock.now() + bounds.call_deadline));
  http_test::Book reply;
  reply.set_name("y");
  std::thread([&] { got.reply({{}, reply.SerializeAsString()}); }).join();
  auto response = c.read();
  BOOST_TEST(response.result_int() == 200u);
  BOOST_TEST(response["Content-Type"] == "application/json");
  BOOST_TEST(has(response.body(), R"("name":"y")"));
  BOOST_TEST(has(response.body(), R"("read":false)"));
}

BOOST_FIXTURE_TEST_CASE(every_method_is_reached_by_its_name, echoing) {
  auto got = ask(http_post("/http_test.Books/Put", R"({"id":"7","tags":["a"]})",
                           "Content-Type: application/json; charset=utf-8\r\n"));
  BOOST_TEST(got.result_int() == 200u);
  BOOST_TEST(has(got.body(), R"("tags":["a"])"));
}

BOOST_AUTO_TEST_CASE(an_error_is_json_with_code_and_message) {
  serving s([](actors::command c) {
    c.reply({{status_code::failed_precondition, "the book is \"closed\""}, {}});
  });
  auto got = s.ask(http_get("/books/7"));
  BOOST_TEST(got.result_int() == 400u);
  BOOST_TEST(got.body() == R"({"code":9,"status":"FAILED_PRECONDITION",)"
                           R"("message":"the book is \"closed\""})");
  BOOST_TEST(got.keep_alive());
}

BOOST_AUTO_TEST_CASE(each_code_has_its_http_status) {
  const int expected[] = {200, 499, 500, 400, 504, 404, 409, 403, 429,
                          400, 409, 400, 501, 500, 503, 500, 401};
  for (int code = 0; code <= 16; ++code) {
    BOOST_TEST(http_status_of(static_cast<status_code>(code)) == expected[code]);
  }
}

BOOST_FIXTURE_TEST_CASE(what_is_not_served_is_404_or_405, echoing) {
  check_error(ask(http_get("/nothing")), 404, "NOT_FOUND");
  auto got = ask(http_post("/books/7", "{}"));
  check_error(got, 405, "UNIMPLEMENTED");
  BOOST_TEST(got["Allow"] == "DELETE, GET, HEAD, OPTIONS, PUT");
}

BOOST_FIXTURE_TEST_CASE(options_tells_the_methods, echoing) {
  auto got = ask("OPTIONS /books/7 HTTP/1.1\r\n\r\n");
  BOOST_TEST(got.result_int() == 204u);
  BOOST_TEST(got["Allow"] == "DELETE, GET, HEAD, OPTIONS, PUT");
  BOOST_TEST(ask("OPTIONS * HTTP/1.1\r\n\r\n").result_int() == 204u);
  BOOST_TEST(ask("OPTIONS /nothing HTTP/1.1\r\n\r\n").result_int() == 404u);
}

BOOST_FIXTURE_TEST_CASE(head_is_get_without_a_body, echoing) {
  http_client c(server->port());
  auto got = c.send("HEAD /books/7 HTTP/1.1\r\n\r\n").read(true);
  BOOST_TEST(got.result_int() == 200u);
  BOOST_TEST(got["Content-Length"] == std::to_string(c.ask(http_get("/books/7")).body().size()));
}

BOOST_FIXTURE_TEST_CASE(a_body_of_another_type_is_refused_with_415, echoing) {
  auto put = [&](const std::string& headers) {
    return ask("PUT /books/7 HTTP/1.1\r\nContent-Length: 2\r\n" + headers + "\r\n{}");
  };
  check_error(put("Content-Type: text/plain\r\n"), 415, "application/json");
  check_error(put("Content-Encoding: gzip\r\n"), 415, "gzip");
  for (auto headers : {"", "Content-Type: Application/JSON\r\n",
                       "Content-Type: application/json ; charset=utf-8\r\n"}) {
    BOOST_TEST(put(headers).result_int() == 200u);
  }
}

BOOST_FIXTURE_TEST_CASE(what_curl_sends_unasked_is_json_but_not_from_a_page, echoing) {
  auto put = [&](const std::string& headers) {
    return ask("PUT /books/7 HTTP/1.1\r\nContent-Length: 12\r\n" + headers +
               "\r\n{\"name\":\"x\"}");
  };
  std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  auto got = put(form);
  BOOST_TEST(got.result_int() == 200u);
  BOOST_TEST(has(got.body(), R"("name":"x")"));
  for (auto origin : {"https://elsewhere.example", "null", ""}) {
    check_error(put(form + "Origin: " + origin + "\r\n"), 415, "application/json");
  }
  BOOST_TEST(
      put("Origin: https://elsewhere.example\r\nContent-Type: application/json\r\n").result_int() ==
      200u);
}

BOOST_FIXTURE_TEST_CASE(what_a_foreign_page_can_post_is_refused, echoing) {
  auto post = [&](const std::string& headers, const std::string& body) {
    return ask("POST /books/7:close HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n" + headers + "\r\n" + body);
  };
  std::string page = "Origin: https://elsewhere.example\r\n";
  check_error(post(page, "{}"), 415, "application/json");
  check_error(post(page, ""), 415, "application/json");
  BOOST_TEST(post(page + "Content-Type: application/json\r\n", "").result_int() == 200u);
  BOOST_TEST(post("", "").result_int() == 200u);
}

BOOST_FIXTURE_TEST_CASE(bad_input_is_refused_and_nothing_is_submitted, serving) {
  auto put = [&](const std::string& body) {
    return ask("PUT /books/7 HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  };
  check_error(put("{nonsense"), 400, "INVALID_ARGUMENT");
  check_error(put(R"({"isbn":1})"), 400, "isbn");
  check_error(put("{\"name\":\"\xff\"}"), 400, "UTF-8");
  check_error(ask(http_get("/books/%ff")), 400, "path variable id");
  check_error(ask(http_get("/books/7?name=%ff")), 400, "query parameter");
  check_error(ask(http_get("/books/7?isbn=1")), 400, "isbn");
  check_error(ask(http_get("/books/")), 400, "id is the entity key");
  check_error(ask(http_post("/http_test.Books/Get", "{}")), 400, "id is the entity key");
  check_error(
      ask(http_post("/http_test.Books/Get", "{\"id\":\"" + std::string(1 << 20, 'k') + "\"}")), 400,
      "entity key");
  check_error(ask(http_get("/books/7", "idempotency-key: \r\n")), 400, "idempotency-key");
  check_error(ask(http_get("/books/7", "grpc-timeout: soon\r\n")), 400, "grpc-timeout");
  check_error(ask(http_get("/books/7", "x-bin: $\r\n")), 400, "x-bin");
  BOOST_TEST(waiting.empty());
}

BOOST_FIXTURE_TEST_CASE(a_timeout_becomes_the_deadline_of_the_command, serving) {
  http_client c(server->port());
  c.send(http_get("/books/7", "grpc-timeout: 5S\r\n"));
  auto got = next();
  BOOST_TEST((got.deadline == clock.now() + std::chrono::seconds{5}));
  got.reply({});
  c.read();
}

BOOST_FIXTURE_TEST_CASE(a_call_past_its_deadline_is_answered_504_and_cancelled, serving) {
  http_client c(server->port());
  check_error(c.ask(http_get("/books/7", "grpc-timeout: 1m\r\n")), 504, "DEADLINE_EXCEEDED");
  auto late = next();
  BOOST_TEST(*late.cancelled);
  late.reply({});
  c.send(http_get("/books/8"));
  next().reply({});
  BOOST_TEST(c.read().result_int() == 200u);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_goes_away_cancels_its_command, serving) {
  http_client c(server->port());
  c.send(http_get("/books/7"));
  auto got = next();
  BOOST_TEST(!*got.cancelled);
  c.close();
  BOOST_TEST(http_eventually([&] { return got.cancelled->load(); }));
  got.reply({});
  BOOST_TEST(http_eventually([&] { return server->connections() == 0; }));
}

BOOST_FIXTURE_TEST_CASE(a_sent_command_is_answered_202_with_where_to_ask, serving) {
  http_client c(server->port());
  for (std::string asks : {"Prefer: respond-async, wait=5\r\n", "perdure-send: true\r\n"}) {
    c.send(http_post("/books/7:close", "", asks));
    auto got = next();
    BOOST_CHECK(got.way == actors::delivery::sent);
    got.reply({});
    auto response = c.read();
    BOOST_TEST(response.result_int() == 202u);
    BOOST_TEST(response.body() == "{\"commandId\":\"" + got.command_id + "\"}");
    BOOST_TEST(response["Content-Type"] == "application/json");
    BOOST_TEST(response["Location"] == "/commands/" + got.command_id);
    BOOST_TEST(response["perdure-command-id"] == got.command_id);
    BOOST_TEST(response["Preference-Applied"] == (asks[0] == 'P' ? "respond-async" : ""));
  }
}

BOOST_FIXTURE_TEST_CASE(a_command_that_cannot_be_sent_is_an_error_with_its_id, serving) {
  http_client c(server->port());
  c.send(http_post("/books/7:close", "", "Prefer: respond-async\r\n"));
  auto got = next();
  got.reply({{status_code::resource_exhausted, "the mailbox is full"}, {}});
  auto response = c.read();
  check_error(response, 429, "the mailbox is full");
  BOOST_TEST(response["perdure-command-id"] == got.command_id);
  BOOST_TEST(response["Preference-Applied"] == "");
}

BOOST_FIXTURE_TEST_CASE(what_is_not_to_be_sent_is_answered_with_its_outcome, echoing) {
  for (auto asks : {"Prefer: return=minimal\r\n", "perdure-send: false\r\n",
                    "Prefer: respond-async\r\nperdure-send: false\r\n"}) {
    auto got = ask(http_get("/books/7", asks));
    BOOST_TEST(got.result_int() == 200u);
    BOOST_TEST(got["Preference-Applied"] == "");
    BOOST_TEST(got["perdure-command-id"] == "");
  }
  check_error(ask(http_get("/books/7", "perdure-send: maybe\r\n")), 400, "perdure-send");
}

BOOST_FIXTURE_TEST_CASE(a_command_by_the_mailbox_is_answered_with_outcome_and_id, serving) {
  http_client c(server->port());
  std::string asks = "perdure-command-id: 9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934\r\n";
  c.send("PUT /letters/7 HTTP/1.1\r\nContent-Length: 0\r\n" + asks + "\r\n");
  auto got = next();
  BOOST_CHECK(got.way == actors::delivery::mailbox);
  BOOST_TEST(!got.metadata.contains("perdure-command-id"));
  auto id = got.command_id;
  echo(std::move(got));
  auto response = c.read();
  BOOST_TEST(response.result_int() == 200u);
  BOOST_TEST(response["perdure-command-id"] == id);
  BOOST_TEST(has(response.body(), R"("id":"7")"));
}

BOOST_FIXTURE_TEST_CASE(a_command_by_the_mailbox_has_its_id_also_when_it_takes_too_long, serving) {
  http_client c(server->port());
  c.send("PUT /letters/7 HTTP/1.1\r\nContent-Length: 0\r\ngrpc-timeout: 1m\r\n\r\n");
  auto late = next();
  auto response = c.read();
  check_error(response, 504, "GET /commands/" + late.command_id);
  BOOST_TEST(response["perdure-command-id"] == late.command_id);
  late.reply({});
}

BOOST_FIXTURE_TEST_CASE(an_entity_without_a_key_gets_a_generated_id, serving) {
  http_client c(server->port());
  c.send(http_post("/letters", R"({"fullName":"Ann"})"));
  auto got = next();
  BOOST_TEST(parse_uuid(got.target.id).has_value());
  got.reply({});
  BOOST_TEST(c.read().result_int() == 200u);
}

BOOST_FIXTURE_TEST_CASE(the_outcome_of_a_command_is_fetched_by_its_id, serving) {
  std::string id = "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934";
  auto of = [&](const char* path) { return catalog.find(path)->method; };
  http_test::Book book;
  book.set_name("x");
  actors::command_status done{{"Books", "7"}, of("/http_test.Books/Put"), true, {}};
  done.ended.reply = book.SerializeAsString();
  known.tell(id, std::optional(done));
  auto got = ask(http_get("/commands/" + id));
  BOOST_TEST(got.result_int() == 200u);
  BOOST_TEST_MESSAGE(got.body());
  BOOST_TEST(has(got.body(), "{\"id\":\"" + id +
                                 R"(","entityType":"Books","entityId":"7",)"
                                 R"("method":"http_test.Books.Put","state":"DONE",)"
                                 R"("status":{"code":0,"message":""},)"
                                 R"("reply":{"@type":"type.googleapis.com/http_test.Book",)"));
  BOOST_TEST(has(got.body(), R"("name":"x")"));
  BOOST_TEST(has(got.body(), R"("read":false)"));

  done.method = of("/http_test.Letters/Open");
  known.tell(id, std::optional(done));
  BOOST_TEST(has(ask(http_get("/commands/" + id)).body(),
                 R"("reply":{"@type":"type.googleapis.com/google.protobuf.Empty")"));

  done.done = false;
  known.tell(id, std::optional(done));
  BOOST_TEST(has(ask(http_get("/commands/" + id)).body(), R"("state":"PENDING"})"));
}

BOOST_FIXTURE_TEST_CASE(an_unknown_or_malformed_command_id_is_an_error, serving) {
  check_error(ask(http_get("/commands/9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934")), 404, "NOT_FOUND");
  check_error(ask(http_get("/commands/7")), 400, "UUID");
  check_error(ask(http_get("/commands/%22%00")), 400, "UUID");
  check_error(ask(http_post("/commands/7", "{}")), 405, "UNIMPLEMENTED");
  BOOST_TEST(waiting.empty());
}

BOOST_AUTO_TEST_CASE(a_timeout_is_read_in_grpcs_format) {
  using namespace std::chrono;
  for (auto [text, expected] : {std::pair<const char*, milliseconds>{"5S", seconds{5}},
                                {"200m", milliseconds{200}},
                                {"99999999H", hours{99'999'999}},
                                {"2M", minutes{2}},
                                {"1u", milliseconds{1}},
                                {"1000001n", milliseconds{2}}}) {
    auto parsed = parse_grpc_timeout(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(parsed.ok());
      BOOST_TEST(parsed->count() == expected.count());
    }
  }
  for (auto text : {"", "S", "5", "5s", "-5S", "+5S", " 5S", "5 S", "123456789S", "0S", "1.5S"}) {
    BOOST_TEST(!parse_grpc_timeout(text).ok(), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
