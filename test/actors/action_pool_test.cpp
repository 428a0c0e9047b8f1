// Unary calls of actions: what handlers answer, what they wait for, how they end.

#include "actors/action_pool.hpp"

#include <boost/test/unit_test.hpp>

#include "test/actors/action_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using test::Answer;
using test::clerk;

namespace {

using texts = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(action_pool, test::action_fixture)

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

// ----------------------------------------------------------------------------------------- the end

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

// ---------------------------------------------------------------------------------------- at start

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
