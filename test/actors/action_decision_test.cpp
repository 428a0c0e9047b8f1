// What handlers of actions decide: sends, timers, forwards, messages, and what a second run does.

#include "actors/action_decision.hpp"

#include <boost/test/unit_test.hpp>

#include "pubsub/message_source.hpp"
#include "test/actors/action_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using perdure::actors::decided_action;
using test::Answer;
using test::Ask;
using test::clerk;

namespace {

using texts = std::vector<std::string>;

struct fixture : test::action_fixture {
  // Runs a handler as a subscription does.
  std::shared_ptr<std::optional<perdure::result<decided_action>>> run_handler(
      const std::string& rpc, const Ask& request, std::string identity = {}) {
    auto ended = std::make_shared<std::optional<perdure::result<decided_action>>>();
    auto* pool = router->pool("test.desk.Clerks");
    pool->run(
        {.method = static_cast<std::size_t>(clerk::model().service->FindMethodByName(rpc)->index()),
         .request = std::make_unique<Ask>(request),
         .context = {{{"tag", "blue"}}, "subject", "topic t/0@1", 2},
         .trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
         .identity = std::move(identity),
         .order = "subject",
         .done = [ended](perdure::result<decided_action> what) {
           if (*ended) throw std::logic_error("told twice");
           ended->emplace(std::move(what));
         }});
    run();
    return ended;
  }
  perdure::persistence::new_message published(const std::string& rpc, const Ask& request,
                                              std::string identity = {}) {
    auto ended = run_handler(rpc, request, std::move(identity));
    auto& decided = ended->value();
    BOOST_REQUIRE_MESSAGE(decided.ok(), decided.error().message());
    return decided->messages.at(0);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(action_decision, fixture)

// ----------------------------------------------------------------------------------------- effects

BOOST_AUTO_TEST_CASE(what_is_sent_is_durable_before_the_reply) {
  auto reply = ask("Send", about("a", "hello"));
  run();
  BOOST_TEST(!reply->came);
  settle();
  BOOST_TEST(reply->as<Answer>().text() == "sent");
  BOOST_TEST(notes_of("a") == (texts{"hello"}));
}

BOOST_AUTO_TEST_CASE(a_reply_waits_for_what_it_awaits) {
  auto reply = ask("Send", about("a", "hello", 0, "wait"));
  run();
  commit();
  run();
  BOOST_TEST(!reply->came);
  settle();
  BOOST_TEST(reply->as<Answer>().text() == "sent");
}

BOOST_AUTO_TEST_CASE(where_the_store_fails_the_outcome_is_unknown) {
  store.next_commit = test::faulty_step_store::fault::stored_but_failed;
  auto reply = ask("Send", about("a", "hello"));
  settle();
  BOOST_TEST((reply->code() == status_code::unavailable));
  advance(1s);
  settle();
  BOOST_TEST(notes_of("a") == (texts{"hello"}));  // found though nobody told of it
}

BOOST_AUTO_TEST_CASE(timers_are_the_actions_own_and_fire) {
  ask("Remind", about("a", "late", 1000, "x"));
  ask("Remind", about("a", "never", 1000, "y"));
  settle();
  ask("Forget", about("", "", 0, "y"));
  settle();
  advance(1s);
  settle();
  BOOST_TEST(notes_of("a") == (texts{"late"}));
  auto bad = ask("Remind", about("a", "x", 1, "perdure.x"));
  settle();
  BOOST_TEST((bad->code() == status_code::invalid_argument));
}

BOOST_AUTO_TEST_CASE(forwarding_gives_the_reply_of_the_target) {
  to_desk("Note", test::desk::note("a", "one"));
  settle();
  auto reply = ask("Forward", about("a", ""));
  settle();
  BOOST_TEST(reply->as<test::desk::Notes>().notes(0) == "one");
  reply = ask("Forward", about("", ""));
  settle();
  BOOST_TEST((reply->code() == status_code::invalid_argument));
}

BOOST_AUTO_TEST_CASE(an_entity_may_forward_to_an_action) {
  to_desk("Note", test::desk::note("a", "one"));
  settle();
  for (bool note : {false, true}) {
    test::desk::ForwardRequest request;
    request.set_desk_id("b");
    request.set_to("a");
    request.set_note(note);
    auto reply = to_desk("AskClerk", request);
    settle();
    BOOST_TEST(reply->as<test::desk::Notes>().notes(0) == "one");
  }
  BOOST_TEST(notes_of("b") == (texts{"asked for a"}));
}

BOOST_AUTO_TEST_CASE(a_circle_of_forwards_ends) {
  auto reply = ask("Circle", about("", ""));
  settle();
  BOOST_TEST((reply->code() == status_code::failed_precondition));
}

BOOST_AUTO_TEST_CASE(headers_that_the_service_forwards_go_along) {
  for (const auto* rpc : {"NoteAll", "Send"}) {
    auto c = to_clerk(rpc, about("a", rpc, 1));
    c.metadata.emplace("tag", "blue");
    c.metadata.emplace("other", "x");
    send(std::move(c));
    settle();
  }
  BOOST_TEST(notes_of("a") == (texts{"NoteAll1 #blue", "Send #blue"}));
}

// -------------------------------------------------------------------------------------- identities

BOOST_AUTO_TEST_CASE(a_retry_with_the_same_key_takes_effect_once) {
  clerk::fails = true;
  auto reply = ask("NoteAll", about("a", "n", 2), "key");
  settle();
  BOOST_TEST((reply->code() == status_code::internal));
  clerk::fails = false;
  for (int i = 0; i < 2; ++i) {
    reply = ask("NoteAll", about("a", "n", 2), "key");
    settle();
    BOOST_TEST(reply->as<Answer>().text() == "done");
    ask("Send", about("a", "sent"), "key");
    settle();
    ask("NoteThrough", about("b", "n", 1), "key");
    settle();
  }
  BOOST_TEST(notes_of("a") == (texts{"n1", "n2", "sent"}));
  BOOST_TEST(notes_of("b") == (texts{"n1"}));
}

BOOST_AUTO_TEST_CASE(without_a_key_each_call_is_a_new_one) {
  for (int i = 0; i < 2; ++i) ask("NoteAll", about("a", "n", 1));
  settle();
  BOOST_TEST(notes_of("a") == (texts{"n1", "n1"}));
}

BOOST_AUTO_TEST_CASE(a_message_that_is_handled_again_takes_effect_once) {
  clerk::fails = true;
  for (int i = 0; i < 3; ++i) {
    auto ended = run_handler("NoteAll", about("a", "n", 2), "sub/topic t/0@1");
    settle();
    BOOST_TEST(!ended->value().ok());
  }
  run_handler("NoteAll", about("a", "n", 1), "sub/topic t/0@2");
  settle();
  BOOST_TEST(notes_of("a") == (texts{"n1 #blue", "n2 #blue", "n1 #blue"}));
}

BOOST_AUTO_TEST_CASE(a_read_may_have_an_identity) {
  for (int i = 0; i < 2; ++i) {
    auto reply = ask("Read", about("aa", ""), "key");
    settle();
    BOOST_TEST(reply->as<Answer>().text() == ";;");
  }
}

BOOST_AUTO_TEST_CASE(identities_of_any_length_will_do) {
  for (int i = 0; i < 2; ++i) {
    run_handler("NoteAll", about("a", "n", 1), std::string(100'000, 'x'));
    settle();
  }
  BOOST_TEST(notes_of("a") == (texts{"n1 #blue"}));
}

// -------------------------------------------------------------------------------------- publishing

BOOST_AUTO_TEST_CASE(a_reply_is_published_under_the_subject_of_its_message) {
  auto message = published("Announce", about("", "news"), "sub/topic t/0@1");
  BOOST_TEST(message.topic == "news");
  BOOST_TEST(message.key == "subject");
  BOOST_TEST(message.id == "sub/topic t/0@1#out");
  BOOST_TEST(message.source == "office");
  BOOST_TEST(message.type == "test.desk.Answer");
  BOOST_TEST(message.content_type.empty());
  BOOST_TEST(message.trace_parent.starts_with("00-0af7"));
  BOOST_TEST(perdure::first_value(message.metadata, "mood") == "good");
  Answer answer;
  BOOST_TEST(answer.ParseFromString(message.payload.value()));
  BOOST_TEST(answer.text() == "news");
}

BOOST_AUTO_TEST_CASE(a_handler_chooses_subject_and_content_type) {
  BOOST_TEST(published("Announce", about("other", "x", 0, "subject")).key == "other");
  auto json = published("Announce", about("", "x", 0, "json"));
  BOOST_TEST(json.content_type == "application/json");
  BOOST_TEST(json.payload.value() == R"({"text":"x"})");
  BOOST_TEST(json.metadata.empty());
  auto text = published("AnnounceText", about("", "plain"));
  BOOST_TEST(text.topic == perdure::pubsub::direct_topic("office", "texts"));
  BOOST_TEST(text.payload.value() == "plain");
  BOOST_TEST(text.content_type == "text/plain; charset=utf-8");
  auto bytes = published("AnnounceBytes", about("", "raw"));
  BOOST_TEST(bytes.payload.value() == "raw");
  BOOST_TEST(bytes.content_type == "application/octet-stream");
}

BOOST_AUTO_TEST_CASE(a_payload_is_what_its_content_type_says_however_that_is_written) {
  auto payload = [&](const char* rpc, const char* content_type) {
    auto message = published(rpc, about("", "x", 0, content_type));
    BOOST_TEST(message.content_type == content_type);
    return message.payload.value();
  };
  for (const auto* json : {"application/json; charset=utf-8", "Application/JSON",
                           "application/vnd.desk.answer+json", "text/json"}) {
    BOOST_TEST(payload("Announce", json) == R"({"text":"x"})", json);
  }
  for (const auto* text :
       {"text/plain; charset=utf-8", "text/plain", "Text/HTML; charset=\"UTF-8\""}) {
    BOOST_TEST(payload("AnnounceText", text) == "x", text);
  }
  BOOST_TEST(payload("AnnounceText", "application/json; charset=utf-8") == R"("x")");
  BOOST_TEST(payload("AnnounceBytes", "image/png") == "x");
  BOOST_TEST(payload("AnnounceBytes", "application/protobuf") == "\x0a\x01x");
  auto other = run_handler("AnnounceText", about("", "x", 0, "text/plain; charset=utf-16"));
  BOOST_TEST((other->value().error().code() == status_code::internal));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_published_is_refused) {
  auto code = [&](const Ask& request) {
    auto ended = run_handler("Announce", request);
    return ended->value().error().code();
  };
  BOOST_TEST((code(about("", "x", 0, "bad name")) == status_code::invalid_argument));
  BOOST_TEST((code(about("", "x", 0, "unreadable")) == status_code::internal));
  limits.message_bytes_max = 100;
  start();
  BOOST_TEST((code(about("", std::string(200, 'x'))) == status_code::resource_exhausted));
}

BOOST_AUTO_TEST_CASE(what_a_caller_has_published_stands_in_the_topic_before_the_reply) {
  auto reply = ask("Announce", about("", "news"));
  run();
  BOOST_TEST(!reply->came);
  BOOST_TEST(store.commits == 0);
  settle();
  BOOST_TEST(store.commits == 1);
  BOOST_TEST(reply->as<Answer>().text() == "news");
}

BOOST_AUTO_TEST_SUITE_END()
