// Queries of a view, over real gRPC and HTTP.

#include "gateway/query_endpoint.hpp"

#include <boost/test/unit_test.hpp>

#include "base/log_position.hpp"
#include "gateway/http_endpoint.hpp"
#include "gateway/http_routes.hpp"
#include "test/gateway/grpc_fixture.hpp"
#include "test/gateway/http_client.hpp"
#include "test/gateway/http_streaming.hpp"
#include "test/views/shop.hpp"

using namespace perdure;
using namespace perdure::gateway;
using namespace perdure::gateway::testing;

namespace {

struct query_fixture : test::shop_fixture {
  query_fixture() {
    add(test::item("a", 1));
    add(test::item("b", 2));
    add(test::item("c", 3));
    settle();
    to_queries.add(*queries, home->plan());
    auto grpc_started = gateway::grpc_server::start({"127.0.0.1", 0}, catalog, endpoint, with);
    BOOST_REQUIRE_MESSAGE(grpc_started.ok(), to_string(grpc_started.error()));
    grpc_side = *std::move(grpc_started);
    channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(grpc_side->port()),
                                  grpc::InsecureChannelCredentials());
    auto http_started = gateway::http_server::start({"127.0.0.1", 0}, {served}, with);
    BOOST_REQUIRE_MESSAGE(http_started.ok(), to_string(http_started.error()));
    http = *std::move(http_started);
  }
  ~query_fixture() {
    grpc_side.reset();
    http.reset();
  }

  static service_catalog catalog_of_shop() {
    view_model model{service(), [] { return std::make_unique<test::plain_view>(); }, "shop"};
    auto made = service_catalog::of({}, {}, {&model, 1});
    BOOST_REQUIRE_MESSAGE(made.ok(), to_string(made.error()));
    return *std::move(made);
  }

  using prepare = std::function<void(grpc::ClientContext&)>;

  answer get(const std::string& name, const prepare& before = {}) {
    shop::ItemRequest request;
    request.set_name(name);
    client_call made(channel, "/shop.Shop/Get", before);
    made.write(request.SerializeAsString());
    made.writes_done();
    return made.result();
  }

  http_client::response post(const std::string& rpc, const std::string& json,
                             const std::string& headers = {}) {
    return http_client(http->port())
        .ask("POST /shop.Shop/" + rpc +
             " HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n" + headers +
             "Content-Length: " + std::to_string(json.size()) + "\r\n\r\n" + json);
  }

  limits with;
  service_catalog catalog = catalog_of_shop();
  gateway::http_routes routes = *gateway::http_routes::of(catalog);
  query_endpoint to_queries;
  command_endpoint endpoint{{.submit = [](actors::command) { BOOST_FAIL("no entity is here"); },
                             .own =
                                 [this](actors::command c) {
                                   BOOST_REQUIRE(to_queries.serves(*c.method));
                                   to_queries.call(std::move(c));
                                 },
                             .open_stream =
                                 [this](auto what, auto caller) {
                                   return to_queries.open(std::move(what), std::move(caller));
                                 }},
                            clock,
                            with};
  gateway::http_endpoint served{routes, endpoint, clock, with};
  std::unique_ptr<gateway::grpc_server> grpc_side;
  std::unique_ptr<gateway::http_server> http;
  std::shared_ptr<grpc::Channel> channel;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(query_endpoint, query_fixture)

BOOST_AUTO_TEST_CASE(a_query_is_answered_over_grpc_and_http) {
  auto answered = get("b");
  BOOST_TEST(answered.status.ok());
  shop::Item found;
  BOOST_REQUIRE(found.ParseFromString(answered.bytes));
  BOOST_TEST(found.price() == 2);
  BOOST_TEST(get("z").status.error_code() == grpc::StatusCode::NOT_FOUND);

  auto response = post("Get", R"({"name": "b"})");
  BOOST_TEST(response.result_int() == 200);
  BOOST_TEST(response.body().find("\"b\"") != std::string::npos);
  BOOST_TEST(post("Get", R"({"name": "z"})").result_int() == 404);
}

BOOST_AUTO_TEST_CASE(a_stream_of_rows_is_read_over_grpc_and_http) {
  client_call made(channel, "/shop.Shop/Stream");
  made.write(shop::Search().SerializeAsString());
  made.writes_done();
  std::string bytes;
  for (int price = 1; price <= 3; ++price) {
    BOOST_REQUIRE(made.read(bytes));
    shop::Item row;
    BOOST_REQUIRE(row.ParseFromString(bytes));
    BOOST_TEST(row.price() == price);
  }
  BOOST_TEST(!made.read(bytes));
  BOOST_TEST(made.finish().ok());

  auto response = post("Stream", "{}");
  BOOST_TEST(response.result_int() == 200);
  BOOST_TEST(std::ranges::count(response.body(), '\n') == 3);
}

BOOST_AUTO_TEST_CASE(a_query_with_a_position_waits_for_the_view) {
  for (int i = 0; i < 20; ++i) {
    auto name = "new" + std::to_string(i);
    add(test::item(name, 10 + i));
    auto position = encode_positions(here());
    BOOST_TEST(get(name, [&](auto& c) { c.AddMetadata(position_header, position); }).status.ok());
    // Two answers' positions, joined on their way.
    auto joined = "perdure-position: 1, " + position + "\r\n";
    BOOST_TEST(post("Get", R"({"name": ")" + name + "\"}", joined).result_int() == 200);
  }
}

BOOST_AUTO_TEST_CASE(a_position_that_nobody_was_given_is_refused) {
  auto refused = get("a", [](auto& c) { c.AddMetadata(position_header, "1;topic/items:x:1"); });
  BOOST_TEST(refused.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  BOOST_TEST(post("Get", R"({"name": "a"})", "perdure-position: 7\r\n").result_int() == 400);
  BOOST_TEST(post("Stream", "{}", "perdure-position: 7\r\n").result_int() == 400);
}

// An event as its id and its data.
struct told_event {
  explicit told_event(const std::string& chunk) {
    auto data = chunk.find("data: ");
    BOOST_REQUIRE_MESSAGE(data != chunk.npos, chunk);
    if (data != 0) {
      BOOST_TEST(chunk.starts_with("id: "));
      id = chunk.substr(4, data - 5);
    }
    text = chunk.substr(data);
  }
  bool is(const std::string& kind, const std::string& name = {}) const {
    return text.find("\"" + kind + "\"") != text.npos &&
           (name.empty() || text.find("\"name\":\"" + name + "\"") != text.npos);
  }
  std::string id;
  std::string text;
};

// What a browser does with an EventSource.
struct event_source {
  event_source(int port, const std::string& rpc, const std::string& headers = {}) : client(port) {
    client.send("POST /shop.Shop/" + rpc + " HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n" +
                headers + "Content-Length: 2\r\n\r\n{}");
    BOOST_TEST(answer.head().starts_with("HTTP/1.1 200 OK"));
  }
  told_event next() { return told_event(answer.chunk()); }

  http_client client;
  stream_reader answer{client};
};

BOOST_AUTO_TEST_CASE(events_have_ids_by_which_a_browser_goes_on) {
  std::string last;
  {
    event_source first(http->port(), "Watch");
    for (int row = 0; row < 3; ++row) {
      auto result = first.next();
      BOOST_TEST(result.is("RESULT"));
      BOOST_TEST(result.id == "start");
    }
    BOOST_TEST(first.next().is("READY"));
    add(test::item("d", 4));
    auto inserted = first.next();
    BOOST_TEST(inserted.is("INSERTED", "d"));
    BOOST_TEST(inserted.text.find("\"resumeToken\":\"" + inserted.id + "\"") != std::string::npos);
    last = inserted.id;
  }
  add(test::item("e", 5));
  settle();
  event_source again(http->port(), "Watch", "Last-Event-ID: " + last + "\r\n");
  BOOST_TEST(again.next().is("CHANGED", "e"));
  BOOST_TEST(again.next().is("READY"));

  // Broken among the first results, it has to begin anew.
  event_source anew(http->port(), "Watch", "Last-Event-ID: start\r\n");
  BOOST_TEST(anew.next().is("RESET"));
  BOOST_TEST(anew.next().is("RESULT"));

  event_source told(http->port(), "Watch",
                    "Last-Event-ID: start\r\nperdure-resume: " + last + "\r\n");
  BOOST_TEST(told.next().is("CHANGED", "e"));
}

BOOST_AUTO_TEST_CASE(events_without_a_change_in_them_have_no_ids) {
  event_source rows(http->port(), "WatchRows", "Last-Event-ID: start\r\n");
  BOOST_TEST(rows.next().id == "");
  event_source once(http->port(), "Stream");
  BOOST_TEST(once.next().id == "");
}

BOOST_AUTO_TEST_CASE(a_query_that_is_run_again_whole_begins_anew_for_a_browser) {
  event_source first(http->port(), "WatchSizes");
  BOOST_TEST(first.next().is("RESULT"));
  auto ready = first.next();
  BOOST_TEST(ready.is("READY"));
  BOOST_TEST(ready.id == "start");
  event_source again(http->port(), "WatchSizes", "Last-Event-ID: start\r\n");
  BOOST_TEST(again.next().is("RESET"));
}

BOOST_AUTO_TEST_CASE(a_client_that_cancels_or_whose_deadline_passes_ends_its_query) {
  {
    client_call made(channel, "/shop.Shop/Forever", [](auto& c) {
      c.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds{200});
    });
    made.write("");
    made.writes_done();
    BOOST_TEST(made.result().status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  BOOST_TEST(test::eventually([&] { return queries->figures_now().running == 0; }));
  {
    client_call made(channel, "/shop.Shop/Forever");
    made.write("");
    made.writes_done();
    BOOST_TEST(test::eventually([&] { return queries->figures_now().running == 1; }));
  }
  BOOST_TEST(test::eventually([&] { return queries->figures_now().running == 0; }));
  {
    client_call made(channel, "/shop.Shop/StreamForever");
    made.write("");
    made.writes_done();
    std::string bytes;
    BOOST_TEST(made.read(bytes));
  }
  BOOST_TEST(test::eventually([&] { return queries->figures_now().running == 0; }));
  auto late = post("Forever", "{}", "grpc-timeout: 200m\r\n");
  BOOST_TEST(late.result_int() == 504);
}

BOOST_AUTO_TEST_SUITE_END()
