#include <google/protobuf/util/json_util.h>

#include <boost/test/unit_test.hpp>

#include "perdure/admin.pb.h"
#include "test/persistence/samples.hpp"
#include "test/runtime/admin_port_fixture.hpp"

using namespace perdure;
using namespace perdure::admin::v1;
using namespace perdure::test;

namespace {

struct fixture : admin_port_fixture {
  // Over HTTP: the answer's one message, or the error.
  http_client::response post(const std::string& path, const SqlRequest& request) const {
    std::string json;
    BOOST_REQUIRE(google::protobuf::util::MessageToJsonString(request, &json).ok());
    return ask(http_post(path, json, bearer()));
  }
  http_client::response query(const std::string& sql) const {
    SqlRequest request;
    request.set_sql(sql);
    return post("/admin/v1/sql", request);
  }
  // The rows alone, as JSON.
  std::string rows(const std::string& sql) const {
    auto answer = query(sql);
    BOOST_REQUIRE_MESSAGE(answer.result_int() == 200u, sql << ": " << answer.body());
    auto at = answer.body().find("\"rows\":");
    BOOST_REQUIRE(at != std::string::npos);
    auto text = answer.body().substr(at + 7);
    return text.substr(0, text.rfind('}'));
  }
  void store_step(const persistence::step& s) { BOOST_REQUIRE(commit(store, s).ok()); }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admin_sql, fixture)

BOOST_AUTO_TEST_CASE(an_answer_has_columns_and_rows_over_http_and_grpc) {
  auto over_http = query("SELECT 1 AS one, 'x' AS letter, NULL AS none, 1.5 AS half");
  BOOST_TEST(over_http.result_int() == 200u);
  BOOST_TEST(has(over_http.body(), R"({"name":"one","type":""})"));
  BOOST_TEST(has(over_http.body(), R"([1,"x",null,1.5])"));

  SqlRequest request;
  request.set_sql("SELECT id FROM entities");
  auto over_grpc =
      call("/perdure.admin.v1.Sql/Query", request.SerializeAsString(), "Bearer " + token);
  BOOST_TEST(over_grpc.status.ok(), over_grpc.status.error_message());
  SqlRows page;
  BOOST_REQUIRE(page.ParseFromString(over_grpc.bytes));
  BOOST_REQUIRE_EQUAL(page.columns_size(), 1);
  BOOST_TEST(page.columns(0).type() == "TEXT");
  BOOST_TEST(page.rows_size() == 0);
}

BOOST_AUTO_TEST_CASE(it_needs_the_token) {
  BOOST_TEST(ask(http_post("/admin/v1/sql", R"({"sql":"SELECT 1"})", "")).result_int() == 401u);
  SqlRequest request;
  request.set_sql("SELECT 1");
  for (auto path : {"/perdure.admin.v1.Sql/Query", "/perdure.admin.v1.Sql/Explain",
                    "/perdure.admin.v1.Views/List"}) {
    auto refused = call(path, request.SerializeAsString(), "Bearer wrong");
    BOOST_TEST(refused.status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
  }
}

BOOST_AUTO_TEST_CASE(values_that_json_cannot_have_are_texts) {
  BOOST_TEST(has(rows("SELECT 9007199254740992, 9007199254740993, -9007199254740993"),
                 R"(9007199254740992,"9007199254740993","-9007199254740993")"));
  BOOST_TEST(has(rows("SELECT x'00ff', 9e999, -9e999"), R"(["AP8=","Infinity","-Infinity"])"));
}

BOOST_AUTO_TEST_CASE(entities_are_a_table) {
  store_step(step_of("1", 0, {"a", "b"}));
  store_step(state_of("2", 0, "no message of a known type"));
  persistence::step known = state_of("3", 0, "");
  Topic topic;
  topic.set_name("news");
  known.events[0] = {"perdure.admin.v1.Topic", topic.SerializeAsString()};
  store_step(known);
  store_step(state_of("4", 0, "x"));
  store_step(state_of("4", 1, std::nullopt));
  BOOST_TEST(rows("SELECT type, id, sequence, kind, deleted FROM entities ORDER BY id") ==
             R"([["cart","1",2,"event sourced",0],["cart","2",1,"key-value",0],)"
             R"(["cart","3",1,"key-value",0],["cart","4",2,"key-value",1]])");
  BOOST_TEST(rows("SELECT state ->> 'name', state_type FROM entities WHERE type = 'cart' "
                  "AND id = '3'") == R"([["news","perdure.admin.v1.Topic"]])");
  BOOST_TEST(rows("SELECT count(*), count(state), count(state_type) FROM entities") == "[[4,1,2]]");
}

BOOST_AUTO_TEST_CASE(mail_and_timers_are_tables) {
  auto sender = mail_only("sender");
  mail_of(sender).mail = {mail_to("1", "a"), mail_to("1", "b"), mail_to("2", "c")};
  persistence::timer_change::timer timer{.due = timestamp{std::chrono::milliseconds{1'500}},
                                         .what = mail_to("9", "ring")};
  mail_of(sender).timers.push_back({"alarm", timer});
  store_step(sender);
  BOOST_TEST(rows("SELECT id, messages FROM mailboxes ORDER BY id") == R"([["1",2],["2",1]])");
  BOOST_TEST(rows("SELECT count(*) FROM mail WHERE id = '1'") == "[[2]]");
  BOOST_TEST(rows("SELECT id, name, due, period, target_id FROM timers") ==
             R"([["sender","alarm","1970-01-01T00:00:01.500000000Z",null,"9"]])");
}

BOOST_AUTO_TEST_CASE(more_rows_than_one_page_arrive_once) {
  for (int i = 0; i < 600; ++i) store_step(step_of("e" + std::to_string(i), 0, {"a"}));
  BOOST_TEST(rows("SELECT count(*), count(DISTINCT id) FROM entities") == "[[600,600]]");
  SqlRequest request;
  request.set_sql("SELECT id, printf('%.*c', 1000, 'x') FROM entities");
  auto answer = post("/admin/v1/sql", request);
  int lines = 0;
  for (char c : answer.body()) lines += c == '\n';
  BOOST_TEST(lines > 1);  // several messages, the columns in the first only
  BOOST_TEST(answer.body().rfind("\"columns\":[{") == answer.body().find("\"columns\":[{"));
}

BOOST_AUTO_TEST_CASE(what_is_refused_has_a_code_and_says_why) {
  auto wrong = query("SELECT idd FROM entities");
  BOOST_TEST(wrong.result_int() == 400u);
  BOOST_TEST(has(wrong.body(), "line 1, column 8: no such column: idd"));
  BOOST_TEST(query("DELETE FROM entities").result_int() == 403u);
  BOOST_TEST(query("SELECT 1; SELECT 2").result_int() == 400u);
  BOOST_TEST(has(query("SELECT * FROM timer").body(), "did you mean"));

  SqlRequest request;
  request.set_sql(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
  request.set_rows_max(10);
  auto many = post("/admin/v1/sql:explain", request);
  BOOST_TEST(many.result_int() == 200u);
  BOOST_TEST(has(many.body(), "\"lines\":["));
  BOOST_TEST(post("/admin/v1/sql", request).result_int() == 429u);

  request.set_sql(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
  request.mutable_timeout()->set_nanos(1'000'000);
  BOOST_TEST(post("/admin/v1/sql", request).result_int() == 504u);
  request.mutable_timeout()->set_seconds(3600);
  BOOST_TEST(post("/admin/v1/sql", request).result_int() == 400u);
  request.clear_timeout();
  request.set_rows_max(-1);
  BOOST_TEST(post("/admin/v1/sql", request).result_int() == 400u);
}

BOOST_AUTO_TEST_CASE(views_that_are_not_there_are_not_found) {
  BOOST_TEST(ask(http_get("/admin/v1/views", bearer())).body() == R"({"views":[]})");
  for (auto rpc : {"Get", "Rebuild", "ListHeld", "Retry", "RetryAll", "Skip"}) {
    auto answer = ask(http_post(std::string("/perdure.admin.v1.Views/") + rpc,
                                R"({"service":"a.b.View"})", bearer()));
    BOOST_TEST(answer.result_int() == 404u);
    BOOST_TEST(has(answer.body(), "a.b.View"));
  }
  BOOST_TEST(rows("SELECT (SELECT count(*) FROM views), (SELECT count(*) FROM view_held)") ==
             "[[0,0]]");
}

BOOST_AUTO_TEST_SUITE_END()
