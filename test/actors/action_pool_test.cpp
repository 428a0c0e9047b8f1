// Unary calls of actions: what handlers answer, what they wait for, what they decide, how they end.

#include "actors/action_pool.hpp"

#include <boost/test/unit_test.hpp>

#include "test/actors/action_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using perdure::actors::action_run;
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

BOOST_FIXTURE_TEST_SUITE(action_pool, fixture)

// ----------------------------------------------------------------------------------------- answers

BOOST_AUTO_TEST_CASE(a_handler_that_waits_for_nothing_answers) {
  auto reply = ask("Echo", about("", "hello"));
  settle();
  BOOST_TEST(reply->as<Answer>().text() == "hello");
  BOOST_TEST(store.commits == 0);
  BOOST_TEST(router->in_flight_bytes() == 0);
}

BOOST_AUTO_TEST_CASE(no_reply_is_an_empty_message) {
  auto reply = ask("Echo", about("", "hello", 0, "nothing"));
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(reply->as<Answer>().text().empty());
}

BOOST_AUTO_TEST_CASE(a_rejection_reaches_the_caller) {
  auto reply = ask("Echo", about("", "no such thing", 0, "reject"));
  settle();
  BOOST_TEST((reply->code() == status_code::not_found));
  BOOST_TEST(reply->message() == "no such thing");
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_stays_in_the_log) {
  for (const auto* how : {"throw", "throw later"}) {
    auto reply = ask("Echo", about("", "", 0, how));
    settle();
    advance(1ms);
    BOOST_TEST((reply->code() == status_code::internal));
    BOOST_TEST(reply->message().find("secret") == std::string::npos);
  }
}

// ------------------------------------------------------------------------------------------- waits

BOOST_AUTO_TEST_CASE(a_handler_awaits_an_entity) {
  to_desk("Note", test::desk::note("a", "one"));
  settle();
  auto reply = ask("Read", about("a", ""));
  settle();
  BOOST_TEST(reply->as<Answer>().text() == "one;");
}

BOOST_AUTO_TEST_CASE(calls_that_are_awaited_together_are_answered_in_their_order) {
  to_desk("Note", test::desk::note("a", "one"));
  to_desk("Note", test::desk::note("c", "three"));
  settle();
  auto reply = ask("Read", about("abc", ""));
  settle();
  BOOST_TEST(reply->as<Answer>().text() == "one;;three;");
  auto none = ask("Read", about("", ""));
  settle();
  BOOST_TEST((none->code() == status_code::ok));
}

BOOST_AUTO_TEST_CASE(a_call_of_an_entity_is_durable_when_the_handler_goes_on) {
  auto reply = ask("NoteAll", about("a", "n", 2));
  run();
  BOOST_TEST(!reply->came);
  commit();
  run();
  BOOST_TEST(!reply->came);
  settle();
  BOOST_TEST(reply->as<Answer>().text() == "done");
  BOOST_TEST(notes_of("a") == (texts{"n1", "n2"}));
}

BOOST_AUTO_TEST_CASE(a_handler_sees_what_its_call_was_rejected_with) {
  auto reply = ask("NoteAll", about("a", "no", 1));
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  reply = ask("NoteAll", about("", "n", 1));
  settle();
  BOOST_TEST((reply->code() == status_code::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_handler_awaits_another_action) {
  auto reply = ask("NoteThrough", about("a", "n", 2));
  settle();
  BOOST_TEST(reply->as<Answer>().text() == "done");
  BOOST_TEST(notes_of("a") == (texts{"n1", "n2"}));
}

BOOST_AUTO_TEST_CASE(a_call_that_nobody_serves_says_so) {
  auto reply = ask("Read", about("a", "", 0, "astray"));
  settle();
  BOOST_TEST((reply->code() == status_code::failed_precondition));
  BOOST_TEST(reply->message().find("test.desk.Astray.Go") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(handlers_that_wait_hold_up_nobody_and_keep_their_context) {
  std::vector<test::reply_ptr> waiting;
  for (int i = 0; i < 50; ++i) {
    auto c = to_clerk("Describe", about("", "", 1000 - i));
    c.metadata.emplace("tag", std::to_string(i));
    waiting.push_back(send(std::move(c)));
  }
  run();
  BOOST_TEST(clerk::alive == 50);
  auto quick = ask("Echo", about("", "hello"));
  settle();
  BOOST_TEST(quick->as<Answer>().text() == "hello");
  advance(1000ms);
  for (int i = 0; i < 50; ++i) {
    auto n = std::to_string(i);
    BOOST_TEST(waiting[i]->as<Answer>().text() == n + "/" + n);
  }
  BOOST_TEST(clerk::alive == 0);
}

// ------------------------------------------------------------------------------------------ the
// end

BOOST_AUTO_TEST_CASE(past_its_deadline_a_handler_is_ended_where_it_waits) {
  auto c = to_clerk("Describe", about("", "", 60'000));
  c.deadline = clock.now() + 1s;
  auto reply = send(std::move(c));
  run();
  BOOST_TEST(clerk::alive == 1);
  advance(1500ms);
  BOOST_TEST((reply->code() == status_code::deadline_exceeded));
  BOOST_TEST(clerk::alive == 0);
  advance(60s);
}

BOOST_AUTO_TEST_CASE(what_comes_past_the_deadline_finds_nobody) {
  auto c = to_clerk("NoteAll", about("a", "n", 2));
  c.deadline = clock.now() + 1s;
  auto reply = send(std::move(c));
  run();
  clock.advance(2s);
  settle();
  BOOST_TEST((reply->code() == status_code::deadline_exceeded));
  BOOST_TEST(notes_of("a") == (texts{"n1"}));
}

BOOST_AUTO_TEST_CASE(a_handler_whose_caller_has_gone_is_ended_where_it_waits) {
  auto gone = std::make_shared<std::atomic<bool>>(false);
  auto c = to_clerk("Describe", about("", "", 60'000));
  c.cancelled = gone;
  auto reply = send(std::move(c));
  run();
  *gone = true;
  advance(500ms);
  BOOST_TEST((reply->code() == status_code::cancelled));
  BOOST_TEST(clerk::alive == 0);
}

BOOST_AUTO_TEST_CASE(draining_waits_for_nobody_for_ever_and_ends_all) {
  auto reply = ask("Describe", about("", "", 60'000));
  run();
  BOOST_TEST(!router->drain(0ms));
  auto late = ask("Echo", about("", "late"));
  settle();
  BOOST_TEST((reply->code() == status_code::unavailable));
  BOOST_TEST((late->code() == status_code::unavailable));
  BOOST_TEST(clerk::alive == 0);
  BOOST_TEST(router->drain(0ms));
}

BOOST_AUTO_TEST_CASE(too_many_bytes_in_flight_are_refused_and_calls_count_too) {
  limits.in_flight_bytes_max = 4000;
  start();
  std::vector<test::reply_ptr> replies;
  for (int i = 0; i < 10; ++i) replies.push_back(ask("Describe", about("", "", 10)));
  run();
  BOOST_TEST((replies.back()->code() == status_code::resource_exhausted));
  advance(10ms);
  settle();
  BOOST_TEST((replies.front()->code() == status_code::ok));
  BOOST_TEST(router->in_flight_bytes() == 0);

  auto reply = ask("Read", about("abcdefghijkl", ""));
  settle();
  BOOST_TEST((reply->code() == status_code::resource_exhausted));
  BOOST_TEST(router->in_flight_bytes() == 0);
}

BOOST_AUTO_TEST_CASE(a_quick_handler_runs_on_its_callers_thread) {
  runs_on_caller = true;
  start();
  settle();
  for (int i = 0; i < 100; ++i) {
    ask("Echo", about("", "hello"));
    settle();
  }
  auto reply = ask("Echo", about("", "hello"));
  BOOST_TEST(reply->came.has_value());
}

// --------------------------------------------------------------------------------- what they
// decide

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

// ---------------------------------------------------------------------------------------
// identities

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

// ---------------------------------------------------------------------------------------
// publishing

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
  BOOST_TEST(text.topic == perdure::actors::direct_topic("office", "texts"));
  BOOST_TEST(text.payload.value() == "plain");
  BOOST_TEST(text.content_type == "text/plain; charset=utf-8");
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

// ----------------------------------------------------------------------------------------- at
// start

BOOST_AUTO_TEST_CASE(what_runs_at_start_runs_once) {
  BOOST_TEST(clerk::prepared == 1);
  advance(60s);
  BOOST_TEST(clerk::prepared == 1);
}

BOOST_AUTO_TEST_CASE(what_fails_at_start_is_called_again_and_not_for_ever) {
  clerk::prepared = 0;
  clerk::fails = true;
  start();
  for (int i = 0; i < 20; ++i) {
    advance(10s);
    settle();
  }
  BOOST_TEST(clerk::prepared == 3);
}

BOOST_AUTO_TEST_SUITE_END()
