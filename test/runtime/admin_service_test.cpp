#include "apps/runtime/admin_service.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <set>

#include "apps/runtime/admin_messages.hpp"
#include "perdure/admin.pb.h"
#include "test/pubsub/subscription_fixture.hpp"

using namespace perdure;
using namespace perdure::admin::v1;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

// Hears the replies of a stream, and takes each at once.
class listener final : public actors::stream_caller {
 public:
  void want_request() override {}
  void reply(std::string encoded) override { replies.push_back(std::move(encoded)); }
  void end(status why) override { ended = std::move(why); }

  std::vector<std::string> replies;
  std::optional<status> ended;
};

// A service on one subscription, "alerts", of the topic "t".
struct fixture : subscription_fixture {
  fixture() {
    start();
    service.emplace(runtime::administered{
        .subscriptions = {running},
        .store = *store,
        .relay = [this] { return relay; },
        .elsewhere = [this](auto what) { elsewhere.push_back(std::move(what)); }});
  }

  template <class Request>
  result<std::string> ask(const std::string& rpc, const Request& request) {
    auto path = "/perdure.admin.v1." + rpc;
    path[path.rfind('.')] = '/';
    const auto* found = catalog.find(path);
    BOOST_REQUIRE_MESSAGE(found, path);
    actors::command c{};
    c.method = found->method;
    c.request = std::make_unique<Request>(request);
    std::optional<actors::outcome> answer;
    c.reply = [&](actors::outcome done) { answer = std::move(done); };
    service->where().own(std::move(c));
    run();
    if (!answer) pass(10s);
    BOOST_REQUIRE(answer.has_value());
    if (!answer->result.ok()) return answer->result;
    return answer->reply;
  }

  template <class Reply, class Request>
  Reply told(const std::string& rpc, const Request& request) {
    auto answer = ask(rpc, request);
    BOOST_REQUIRE_MESSAGE(answer.ok(), to_string(answer.error()));
    Reply reply;
    BOOST_REQUIRE(reply.ParseFromString(*answer));
    return reply;
  }

  template <class Request>
  status refused(const std::string& rpc, const Request& request) {
    auto answer = ask(rpc, request);
    BOOST_REQUIRE(!answer.ok());
    BOOST_TEST_MESSAGE(answer.error().message());
    return answer.error();
  }

  // The same, with the subscription's name in the request.
  template <class Request>
  static Request of_alerts(Request request = {}) {
    request.set_name("alerts");
    return request;
  }

  std::vector<HeldMessage> exported() {
    auto heard = std::make_shared<listener>();
    actors::stream_request what{};
    what.method = catalog.find("/perdure.admin.v1.Subscriptions/ExportHeld")->method;
    what.request = std::make_unique<ExportHeldRequest>(of_alerts<ExportHeldRequest>());
    auto stream = service->where().open_stream(std::move(what), heard);
    std::vector<HeldMessage> all;
    for (run(); !heard->ended; run()) {
      BOOST_REQUIRE(heard->replies.size() == all.size() + 1);
      BOOST_REQUIRE(all.emplace_back().ParseFromString(heard->replies.back()));
      stream->written();
    }
    BOOST_TEST(heard->ended->ok());
    return all;
  }

  // Publishes and parks it.
  void park(persistence::new_message message) {
    fails[message.payload.value_or("(deleted)")] = failing_for_good();
    persistence::step s = mail_only("publisher");
    s.time = times.next();
    message.topic = "t";
    topics_of(s).messages.push_back(std::move(message));
    submit(std::move(s));
  }
  void park(const std::string& key, const std::string& payload) {
    fails[payload] = failing_for_good();
    publish({{key, payload}});
  }

  gateway::service_catalog catalog = runtime::admin_service::catalog();
  pubsub::relay_status relay;
  std::optional<runtime::admin_service> service;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admin_service, fixture)

BOOST_AUTO_TEST_CASE(subscriptions_are_listed_with_how_far_they_are) {
  publish({{"a", "a:1"}, {"b", "b:1"}});
  auto all = told<ListSubscriptionsResponse>("Subscriptions.List", ListSubscriptionsRequest{});
  BOOST_REQUIRE_EQUAL(all.subscriptions_size(), 1);
  const auto& one = all.subscriptions(0);
  BOOST_TEST(one.name() == "alerts");
  BOOST_TEST(one.source() == "topic t");
  BOOST_TEST(one.handled() == 2);
  BOOST_TEST(one.lag() == 0);
  BOOST_TEST(one.partitions_size() == static_cast<int>(store->shard_count()));
  auto same = told<Subscription>("Subscriptions.Get", of_alerts<GetSubscriptionRequest>());
  BOOST_TEST(same.SerializeAsString() == one.SerializeAsString());
}

BOOST_AUTO_TEST_CASE(another_name_is_not_found_and_those_there_are_are_told) {
  auto check = [&](const std::string& method, auto request) {
    request.set_name("alarms");
    auto why = refused(method, request);
    BOOST_CHECK(why.code() == status_code::not_found);
    BOOST_TEST(has(why.message(), "there is: alerts"));
  };
  check("Subscriptions.Get", GetSubscriptionRequest{});
  check("Subscriptions.Pause", PauseRequest{});
  check("Subscriptions.Resume", ResumeRequest{});
  check("Subscriptions.Rewind", RewindRequest{});
  check("Subscriptions.ListHeld", ListHeldRequest{});
  check("Subscriptions.Retry", RetryRequest{});
  check("Subscriptions.RetryAll", RetryAllRequest{});
  check("Subscriptions.Skip", SkipRequest{});
}

BOOST_AUTO_TEST_CASE(a_subscription_is_paused_and_resumed) {
  BOOST_TEST(told<Subscription>("Subscriptions.Pause", of_alerts<PauseRequest>()).paused());
  publish({{"a", "a:1"}});
  BOOST_TEST(effects().empty());
  BOOST_TEST(!told<Subscription>("Subscriptions.Resume", of_alerts<ResumeRequest>()).paused());
  BOOST_TEST(effects().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_subscription_is_rewound_to_an_offset_or_a_time) {
  publish({{"a", "a:1"}, {"a", "a:2"}});
  RewindRequest to_offset;
  to_offset.set_offset(1);
  to_offset.set_partition(static_cast<int>(partition_of("a")));
  told<Subscription>("Subscriptions.Rewind", of_alerts(to_offset));
  BOOST_TEST(effects() == (texts{"a:1", "a:2", "a:2"}), boost::test_tools::per_element());
  RewindRequest to_time;
  to_time.mutable_time()->set_seconds(0);
  told<Subscription>("Subscriptions.Rewind", of_alerts(to_time));
  BOOST_TEST(effects().size() == 5u);
}

BOOST_AUTO_TEST_CASE(places_that_cannot_be_are_refused) {
  BOOST_CHECK(refused("Subscriptions.Rewind", of_alerts<RewindRequest>()).code() ==
              status_code::invalid_argument);
  RewindRequest beyond;
  beyond.set_offset(100);
  BOOST_CHECK(refused("Subscriptions.Rewind", of_alerts(beyond)).code() ==
              status_code::out_of_range);
  RewindRequest negative;
  negative.set_offset(-1);
  BOOST_CHECK(refused("Subscriptions.Rewind", of_alerts(negative)).code() ==
              status_code::invalid_argument);
  RewindRequest never;
  never.mutable_time()->set_seconds(std::numeric_limits<std::int64_t>::max());
  BOOST_CHECK(refused("Subscriptions.Rewind", of_alerts(never)).code() ==
              status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(what_is_held_back_is_shown) {
  park("a", "a:1");
  publish({{"a", "a:2"}});
  auto page = told<ListHeldResponse>("Subscriptions.ListHeld", of_alerts<ListHeldRequest>());
  BOOST_TEST(page.next_page_token().empty());
  BOOST_REQUIRE_EQUAL(page.messages_size(), 2);
  const auto& first = page.messages(0);
  BOOST_TEST(first.key() == "a");
  BOOST_TEST(first.parked());
  BOOST_TEST(first.attempts() == 1);
  BOOST_TEST(has(first.error(), "never"));
  BOOST_TEST(first.has_failed_at());
  BOOST_TEST(!first.has_retry_at());
  BOOST_TEST(first.topic() == "t");
  BOOST_TEST(first.offset() == 0);
  BOOST_TEST(first.partition() == static_cast<int>(partition_of("a")));
  BOOST_TEST(first.payload() == "a:1");
  const auto& behind = page.messages(1);
  BOOST_TEST(behind.attempts() == 0);
  BOOST_TEST(!behind.has_failed_at());
  BOOST_TEST(behind.number() > first.number());
  auto now = told<Subscription>("Subscriptions.Get", of_alerts<GetSubscriptionRequest>());
  BOOST_TEST(now.parked() == 1);
  BOOST_TEST(now.held() == 2);
}

BOOST_AUTO_TEST_CASE(a_payload_is_shown_as_json_where_that_can_be) {
  Topic topic;
  topic.set_name("news");
  auto shown = [&](const std::string& content_type, const std::string& type,
                   const std::string& payload) {
    static int count = 0;
    persistence::new_message m;
    m.key = "k" + std::to_string(++count);
    m.id = m.key;
    m.content_type = content_type;
    m.type = type;
    m.payload = payload;
    park(m);
    for (const auto& held : exported()) {
      if (held.key() == m.key) return held.payload_json();
    }
    return std::string("not held");
  };
  const std::string known = "perdure.admin.v1.Topic";
  const std::string json = R"({"name":"news","partitions":[]})";
  BOOST_TEST(shown("application/protobuf", known, topic.SerializeAsString()) == json);
  BOOST_TEST(shown("", "type.googleapis.com/" + known, topic.SerializeAsString()) == json);
  BOOST_TEST(shown("Application/JSON; charset=utf-8", "", R"({"a": 1})") == R"({"a": 1})");
  BOOST_TEST(shown("application/vnd.x+json", "", "[1]") == "[1]");
  BOOST_TEST(shown("text/plain", "", "say \"hi\"") == R"("say \"hi\"")");
  BOOST_TEST(shown("application/protobuf", "not.Known", "x") == "");
  BOOST_TEST(shown("application/protobuf", known, "\xff\xff") == "");
  BOOST_TEST(shown("application/json", "", "\xff") == "");
  BOOST_TEST(shown("application/octet-stream", "", "x") == "");
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_shown_and_found_all_the_same) {
  const std::string key = "\xff\x01";
  persistence::new_message m;
  m.key = key;
  m.id = "1";
  m.payload = "bytes";
  m.metadata = {{"header", "a\xff"}};
  park(m);
  auto held = exported();
  BOOST_REQUIRE_EQUAL(held.size(), 1u);
  BOOST_TEST(held[0].key() == "hex:ff01");
  BOOST_TEST(held[0].headers().at("header") == "a?");
  SkipRequest skip;
  skip.set_key("hex:ff01");
  BOOST_CHECK(refused("Subscriptions.Skip", of_alerts(skip)).code() ==
              status_code::invalid_argument);
  skip.set_number(held[0].number());
  BOOST_TEST(told<Subscription>("Subscriptions.Skip", of_alerts(skip)).held() == 0);
  // A key that only looks so is what it is.
  park("hex:ff02", "text");
  skip.set_key("hex:ff02");
  BOOST_CHECK(refused("Subscriptions.Skip", of_alerts(skip)).code() == status_code::not_found);
  park("hex:61", "text too");
  RetryRequest retry;
  retry.set_key("hex:61");
  fails.clear();
  told<Subscription>("Subscriptions.Retry", of_alerts(retry));
  BOOST_TEST(effects_of("text too").empty());
}

BOOST_AUTO_TEST_CASE(a_time_that_no_timestamp_can_say_is_left_out) {
  fails["late"] = failing_for_good();
  persistence::step s = mail_only("publisher");
  s.time = {std::uint64_t{269'000'000'000'000} << 16};  // in the year 10494
  persistence::new_message late;
  late.topic = "t";
  late.key = "k";
  late.payload = "late";
  topics_of(s).messages.push_back(std::move(late));
  submit(std::move(s));
  auto held = exported();
  BOOST_REQUIRE_EQUAL(held.size(), 1u);
  BOOST_TEST(!held[0].has_time());
  BOOST_TEST(held[0].has_failed_at());
}

BOOST_AUTO_TEST_CASE(pages_hold_each_message_once) {
  for (int i = 0; i < 25; ++i) park("k" + std::to_string(i % 10), "p" + std::to_string(i));
  std::set<std::pair<std::string, std::uint64_t>> seen;
  ListHeldRequest request;
  request.set_page_size(7);
  int pages = 0;
  do {
    auto page = told<ListHeldResponse>("Subscriptions.ListHeld", of_alerts(request));
    ++pages;
    BOOST_TEST(page.messages_size() <= 7);
    for (const auto& one : page.messages()) {
      BOOST_TEST(seen.emplace(one.key(), one.number()).second);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  BOOST_TEST(pages == 4);
  BOOST_TEST(seen.size() == 25u);
  BOOST_TEST(exported().size() == 25u);
}

BOOST_AUTO_TEST_CASE(a_page_is_bounded_by_bytes_too) {
  for (int i = 0; i < 5; ++i) {
    park("k" + std::to_string(i), std::to_string(i) + std::string(600 << 10, 'x'));
  }
  auto page = told<ListHeldResponse>("Subscriptions.ListHeld", of_alerts<ListHeldRequest>());
  BOOST_TEST(page.messages_size() < 4);
  BOOST_TEST(!page.next_page_token().empty());
}

BOOST_AUTO_TEST_CASE(pages_that_cannot_be_are_refused) {
  ListHeldRequest request;
  request.set_page_size(-1);
  BOOST_CHECK(refused("Subscriptions.ListHeld", of_alerts(request)).code() ==
              status_code::invalid_argument);
  request.set_page_size(0);
  for (auto token : {"x", "1", ":a", "1x:a", "-1:a"}) {
    request.set_page_token(token);
    BOOST_CHECK(refused("Subscriptions.ListHeld", of_alerts(request)).code() ==
                status_code::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_retried_alone_and_all_of_them_together) {
  for (auto key : {"a", "b", "c"}) park(key, std::string(key) + ":1");
  fails.clear();
  RetryRequest retry;
  retry.set_key("a");
  told<Subscription>("Subscriptions.Retry", of_alerts(retry));
  BOOST_TEST(now().held == 2u);
  BOOST_TEST(effects() == texts{"a:1"}, boost::test_tools::per_element());
  BOOST_CHECK(refused("Subscriptions.Retry", of_alerts(retry)).code() == status_code::not_found);
  told<Subscription>("Subscriptions.RetryAll", of_alerts<RetryAllRequest>());
  BOOST_TEST(now().held == 0u);
  BOOST_TEST(effects().size() == 3u);
}

BOOST_AUTO_TEST_CASE(topics_are_listed_with_what_waits_for_kafka) {
  publish({{"a", "a:1"}, {"a", "a:2"}});
  relay.backlog = 7;
  relay.problem = "nobody is there";
  auto all = told<ListTopicsResponse>("Topics.List", ListTopicsRequest{});
  BOOST_REQUIRE_EQUAL(all.topics_size(), 1);
  BOOST_TEST(all.topics(0).name() == "t");
  BOOST_TEST(all.topics(0).partitions_size() == static_cast<int>(store->shard_count()));
  BOOST_TEST(all.topics(0).partitions(static_cast<int>(partition_of("a"))).end() == 2);
  BOOST_TEST(all.relay_backlog() == 7);
  BOOST_TEST(all.relay_problem() == "nobody is there");

  // What a broker says may be any bytes.
  relay.problem = "topic \xff is refused";
  all = told<ListTopicsResponse>("Topics.List", ListTopicsRequest{});
  BOOST_TEST(all.relay_problem() == "topic ? is refused");
}

BOOST_AUTO_TEST_CASE(a_source_is_named_alike_wherever_a_view_is_shown) {
  auto path = pubsub::message_source{.name = "t/u"}.path();
  views::view_status now;
  now.serving.partitions.push_back({pubsub::message_source{.name = "t/u"}.description()});
  views::held_message held{};
  held.source = path;
  BOOST_TEST(runtime::shown(now).partitions(0).source() == "topic t/u");
  BOOST_TEST(runtime::shown(held).source() == "topic t/u");
}

BOOST_AUTO_TEST_CASE(all_that_is_declared_is_served) {
  for (const auto& method : catalog.methods()) {
    if (method.streams_out()) continue;
    actors::command c{};
    c.method = method.method;
    c.request.reset(method.request->New());
    std::optional<actors::outcome> answer;
    c.reply = [&](actors::outcome done) { answer = std::move(done); };
    service->where().own(std::move(c));
    run();
    BOOST_REQUIRE(answer.has_value());
    BOOST_CHECK(answer->result.code() != status_code::unimplemented);
  }
}

BOOST_AUTO_TEST_SUITE_END()
