// What entities send each other: in order, exactly once, whatever fails in between.

#include <boost/test/unit_test.hpp>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using perdure::actors::delivery;
using test::entity_fixture;
using fault = test::faulty_step_store::fault;
using texts = std::vector<std::string>;

namespace {

test::desk::PassRequest pass(const std::string& from, const std::string& to, const texts& what) {
  test::desk::PassRequest request;
  request.set_desk_id(from);
  request.set_to(to);
  for (const auto& text : what) request.add_texts(text);
  return request;
}

test::desk::ForwardRequest forward(const std::string& from, const std::string& to, bool note) {
  test::desk::ForwardRequest request;
  request.set_desk_id(from);
  request.set_to(to);
  request.set_text("hello");
  request.set_note(note);
  return request;
}

perdure::actors::command by_mail(entity_fixture& f, delivery way, const std::string& text,
                                 const std::string& id) {
  auto c = f.command_to<test::desk::desk>("b", "Note", test::desk::note("b", text));
  c.way = way;
  c.command_id = id;
  return c;
}

std::optional<perdure::actors::command_status> status_of(entity_fixture& f, const std::string& id) {
  std::optional<perdure::actors::command_status> known;
  f.router->find_command(id, [&](auto found) { known = *std::move(found); });
  f.run();
  return known;
}

// Where a caller's command sends something but changes nothing: to desk b, by the mailbox of a.
perdure::actors::command silent_pass(entity_fixture& f, const std::string& text,
                                     const std::string& id) {
  auto request = pass("a", "b", {text});
  request.set_silently(true);
  auto c = f.command_to<test::desk::desk>("a", "Pass", request);
  c.way = delivery::sent;
  c.command_id = id;
  return c;
}

struct one_step_a_group : entity_fixture {
  one_step_a_group() : entity_fixture(1) {}
};

struct throwing_desks {
  throwing_desks() { test::desk::desk::throws = true; }
  ~throwing_desks() { test::desk::desk::throws = false; }
};

}  // namespace

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(texts)

BOOST_FIXTURE_TEST_SUITE(entity_mail, entity_fixture)

// ------------------------------------------------------------------------------------------- sends

BOOST_AUTO_TEST_CASE(what_is_sent_arrives_in_its_order) {
  auto reply = to_desk("Pass", pass("a", "b", {"1", "2", "3"}));
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(notes_of("b") == (texts{"1", "2", "3"}));
  BOOST_TEST(notes_of("a") == (texts{"passed to b"}));
  BOOST_TEST(store.entities_with_mail().empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_delivered_before_the_senders_step_is_durable) {
  auto reply = to_desk("Pass", pass("a", "b", {"1"}));
  run();
  BOOST_TEST(!reply->came);
  BOOST_TEST(store.mail_bytes({"desk", "b"}) == 0u);
  commit();
  BOOST_TEST((reply->code() == status_code::ok));  // and does not wait for the target
  BOOST_TEST(store.mail_bytes({"desk", "b"}) > 0u);
}

BOOST_AUTO_TEST_CASE(what_is_sent_by_a_step_that_failed_never_was) {
  store.next_commit = fault::lost;
  auto reply = to_desk("Pass", pass("a", "b", {"1"}));
  settle();
  BOOST_TEST((reply->code() == status_code::unavailable));
  BOOST_TEST(notes_of("b") == texts{});
}

BOOST_AUTO_TEST_CASE(mail_that_was_not_handled_is_delivered_after_a_restart) {
  to_desk("Pass", pass("a", "b", {"1", "2"}));
  run();
  commit();  // the mail is there, and the process ends
  start();
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1", "2"}));
}

BOOST_AUTO_TEST_CASE(mail_takes_effect_once_though_a_commit_fails_without_a_trace) {
  to_desk("Pass", pass("a", "b", {"1", "2", "3"}));
  run();
  commit();
  store.next_commit = fault::lost;
  settle();
  advance(1min);
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1", "2", "3"}));
}

BOOST_AUTO_TEST_CASE(mail_takes_effect_once_though_a_commit_seems_to_fail) {
  to_desk("Pass", pass("a", "b", {"1", "2", "3"}));
  run();
  commit();
  store.next_commit = fault::stored_but_failed;
  settle();
  advance(1min);
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1", "2", "3"}));
}

// Nothing in the numbers of such steps tells that one before them is missing.
BOOST_FIXTURE_TEST_CASE(mail_does_not_overtake_mail_whose_commit_failed, one_step_a_group) {
  for (int i = 0; i < 3; ++i) send(silent_pass(*this, std::to_string(i), std::to_string(i)));
  run();
  commit();
  run();
  store.next_commit = fault::lost;
  settle();
  advance(1min);
  settle();
  BOOST_TEST(notes_of("b") == (texts{"0", "1", "2"}));
}

BOOST_AUTO_TEST_CASE(mail_does_not_overtake_mail_that_shows_later) {
  store.next_commit = fault::shows_later;
  to_desk("Pass", pass("a", "b", {"1"}));
  run();
  commit();
  auto refused = to_desk("Pass", pass("a", "b", {"-"}));
  settle();
  BOOST_TEST((refused->code() == status_code::unavailable));  // it was decided before 1 showed
  auto last = to_desk("Pass", pass("a", "b", {"2"}));
  settle();
  BOOST_TEST((last->code() == status_code::ok));
  advance(1min);
  settle();
  BOOST_TEST(notes_of("a") == (texts{"passed to b", "passed to b"}));
  BOOST_TEST(notes_of("b") == (texts{"1", "2"}));
}

BOOST_AUTO_TEST_CASE(mail_that_shows_later_comes_after_what_was_out_and_showed_with_it) {
  to_desk("Pass", pass("c", "b", {"0"}));
  run();
  commit();
  run();  // 0 has been handled, and its step is in flight
  store.next_commit = fault::shows_later;
  to_desk("Pass", pass("a", "b", {"1"}));
  settle();
  for (int i = 0; i < 2; ++i) {
    advance(1min);
    settle();
  }
  BOOST_TEST(notes_of("b") == (texts{"0", "1"}));
  BOOST_TEST(store.entities_with_mail().empty());
}

BOOST_AUTO_TEST_CASE(nothing_overtakes_mail_that_cannot_be_handled) {
  std::optional<throwing_desks> while_it_throws(std::in_place);
  to_desk("Pass", pass("a", "b", {"1", "throw", "3"}));
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1"}));
  to_desk("Pass", pass("a", "b", {"4"}));
  settle();
  advance(10s);
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1"}));  // others' commands go on meanwhile
  while_it_throws.reset();
  advance(2min);
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1", "throw", "3", "4"}));
}

BOOST_AUTO_TEST_CASE(what_the_target_rejects_is_done_with) {
  to_desk("Pass", pass("a", "b", {"1", "no", "3"}));
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1", "3"}));
  BOOST_TEST(store.entities_with_mail().empty());
}

BOOST_AUTO_TEST_CASE(more_mail_than_is_handled_at_a_time_keeps_its_order) {
  texts many;
  for (int i = 0; i < 1000; ++i) many.push_back(std::to_string(i));
  to_desk("Pass", pass("a", "b", many));
  settle();
  BOOST_TEST(notes_of("b") == many);
  BOOST_TEST(store.mail_reads > 0);
}

BOOST_AUTO_TEST_CASE(a_full_mailbox_refuses_callers_and_holds_up_mail) {
  limits.durable_mailbox_bytes_max = 2000;
  start();
  to_desk("Pass", pass("a", "b", {"1"}));
  run();
  commit();
  auto refused = to_desk("Pass", pass("a", "b", {std::string(3000, 'x')}));
  run();
  commit();
  BOOST_TEST((refused->code() == status_code::resource_exhausted));
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1"}));
  BOOST_TEST(notes_of("a") == (texts{"passed to b"}));
}

BOOST_AUTO_TEST_CASE(a_send_to_nobody_is_refused_and_leaves_no_trace) {
  test::desk::DeskRequest request;
  request.set_desk_id("a");
  auto reply = to_desk("SendAstray", request);
  settle();
  BOOST_TEST((reply->code() == status_code::failed_precondition));
  BOOST_TEST(reply->message().find("test.desk.Astray.Go") != std::string::npos, reply->message());
  BOOST_TEST(notes_of("a") == texts{});
}

BOOST_AUTO_TEST_CASE(a_send_that_names_no_entity_is_refused_and_leaves_no_trace) {
  auto reply = to_desk("Pass", pass("a", "", {"1"}));
  settle();
  BOOST_TEST((reply->code() == status_code::invalid_argument));
  BOOST_TEST(notes_of("a") == texts{});
}

BOOST_AUTO_TEST_CASE(a_reply_waits_for_what_it_awaits) {
  auto request = pass("a", "b", {"1", "no"});
  request.set_wait(true);
  auto reply = to_desk("Pass", request);
  run();
  commit();
  BOOST_TEST(!reply->came);
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
}

BOOST_AUTO_TEST_CASE(who_sends_to_itself_and_waits_is_answered) {
  auto request = pass("a", "a", {"1"});
  request.set_wait(true);
  auto reply = to_desk("Pass", request);
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(notes_of("a") == (texts{"passed to a", "1"}));
}

BOOST_AUTO_TEST_CASE(who_waits_for_what_does_not_end_is_answered_at_the_deadline) {
  throwing_desks while_it_throws;
  to_desk("Pass", pass("c", "b", {"throw"}));
  auto request = pass("a", "b", {"behind it"});
  request.set_wait(true);
  std::vector<test::reply_ptr> replies;
  for (auto way : {delivery::direct, delivery::mailbox}) {
    auto c = command_to<test::desk::desk>("a", "Pass", request);
    c.way = way;
    c.deadline = clock.now() + 5s;
    if (way == delivery::mailbox) c.command_id = "id-1";
    replies.push_back(send(std::move(c)));
  }
  settle();
  for (const auto& reply : replies) BOOST_TEST(!reply->came);
  for (int i = 0; i < 6; ++i) advance(1s);
  settle();
  for (const auto& reply : replies) {
    BOOST_REQUIRE(reply->came);
    BOOST_TEST((reply->code() == status_code::deadline_exceeded));
  }
  BOOST_TEST(notes_of("a").size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_entity_with_mail_under_way_is_not_passivated) {
  to_desk("Pass", pass("a", "b", {"1"}));
  run();
  commit();
  run();  // b has handled it, and its step is in flight
  advance(10min);
  settle();
  BOOST_TEST(notes_of("b") == (texts{"1"}));
}

// -------------------------------------------------------------------------------------- forwarding

BOOST_AUTO_TEST_CASE(a_forwarded_command_is_answered_by_its_target) {
  auto reply = to_desk("Forward", forward("a", "b", false));
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(notes_of("b") == (texts{"hello"}));
  BOOST_TEST(notes_of("a") == texts{});
}

BOOST_AUTO_TEST_CASE(a_command_that_is_forwarded_after_an_effect_is_answered_by_its_target) {
  auto reply = to_desk("Forward", forward("a", "b", true));
  run();
  commit();
  BOOST_TEST(!reply->came);
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(notes_of("b") == (texts{"hello"}));
  BOOST_TEST(notes_of("a") == (texts{"forwarded to b"}));
}

BOOST_AUTO_TEST_CASE(a_retry_of_a_forwarded_command_is_answered_and_has_no_effect) {
  for (bool note : {false, true}) {
    auto first = to_desk("Forward", forward("a", "b", note), "key" + std::to_string(note));
    settle();
    auto retry = to_desk("Forward", forward("a", "b", note), "key" + std::to_string(note));
    settle();
    BOOST_TEST((first->code() == status_code::ok));
    BOOST_TEST((retry->code() == status_code::ok));
  }
  BOOST_TEST(notes_of("b") == (texts{"hello", "hello"}));
  BOOST_TEST(notes_of("a") == (texts{"forwarded to b"}));
}

BOOST_AUTO_TEST_CASE(a_retry_of_a_forwarded_command_that_is_not_yet_durable_waits_for_it) {
  auto first = to_desk("Forward", forward("a", "b", true), "key");
  auto retry = to_desk("Forward", forward("a", "b", true), "key");
  run();
  BOOST_TEST(!retry->came);
  settle();
  BOOST_TEST((first->code() == status_code::ok));
  BOOST_TEST((retry->code() == status_code::ok));
  BOOST_TEST(notes_of("b") == (texts{"hello"}));
}

BOOST_AUTO_TEST_CASE(a_forwarded_command_keeps_the_metadata_of_its_caller) {
  auto c = command_to<test::desk::desk>("a", "Forward", forward("a", "b", false));
  c.metadata = {{"tag", "x"}, {"tag", "y"}};
  send(std::move(c));
  settle();
  BOOST_TEST(notes_of("b") == (texts{"hello #x #y"}));
}

BOOST_AUTO_TEST_CASE(a_circle_of_forwards_ends_with_an_error) {
  test::desk::CircleRequest request;
  request.set_desk_id("a");
  auto reply = to_desk("Circle", request);
  settle();
  BOOST_TEST((reply->code() == status_code::failed_precondition));
  BOOST_TEST(reply->message().find("circle") != std::string::npos);
}

// ------------------------------------------------------------------------- callers and the mailbox

BOOST_AUTO_TEST_CASE(a_call_by_the_mailbox_is_answered_once_handled) {
  auto reply = send(by_mail(*this, delivery::mailbox, "1", "id-1"));
  run();
  commit();
  BOOST_TEST(!reply->came);
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(notes_of("b") == (texts{"1"}));
}

BOOST_AUTO_TEST_CASE(a_rejection_by_the_mailbox_reaches_the_caller_and_the_record) {
  auto reply = send(by_mail(*this, delivery::mailbox, "no", "id-1"));
  settle();
  BOOST_TEST((reply->code() == status_code::failed_precondition));
  auto known = status_of(*this, "id-1");
  BOOST_REQUIRE(known);
  BOOST_TEST(known->done);
  BOOST_TEST((known->ended.result.code() == status_code::failed_precondition));
}

BOOST_AUTO_TEST_CASE(a_sent_command_is_answered_once_it_stands_in_the_mailbox) {
  auto reply = send(by_mail(*this, delivery::sent, "1", "id-1"));
  run();
  BOOST_TEST(!reply->came);
  commit();
  BOOST_TEST((reply->code() == status_code::ok));
  auto known = status_of(*this, "id-1");
  BOOST_REQUIRE(known);
  BOOST_TEST(!known->done);
  settle();
  known = status_of(*this, "id-1");
  BOOST_TEST(known->done);
  BOOST_TEST(known->ended.result.ok());
  BOOST_TEST(known->method->full_name() == "test.desk.Desks.Note");
}

BOOST_AUTO_TEST_CASE(an_accepted_call_is_handled_though_the_process_ends) {
  send(by_mail(*this, delivery::mailbox, "1", "id-1"));
  run();
  commit();
  start();
  BOOST_TEST(notes_of("b") == (texts{"1"}));
  BOOST_TEST(status_of(*this, "id-1")->done);
}

BOOST_AUTO_TEST_CASE(a_caller_is_answered_though_the_commit_of_its_command_seems_to_fail) {
  for (auto what : {fault::lost, fault::stored_but_failed}) {
    auto id = "id-" + std::to_string(static_cast<int>(what));
    auto reply = send(by_mail(*this, delivery::mailbox, id, id));
    run();
    commit();
    run();
    store.next_commit = what;
    settle();
    advance(1min);
    settle();
    BOOST_REQUIRE(reply->came);
    BOOST_TEST((reply->code() == status_code::ok));
  }
  BOOST_TEST(notes_of("b").size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_callers_command_whose_handler_throws_ends_so) {
  throwing_desks while_it_throws;
  auto reply = send(by_mail(*this, delivery::mailbox, "throw", "id-1"));
  settle();
  BOOST_TEST((reply->code() == status_code::internal));
  BOOST_TEST(store.entities_with_mail().empty());
}

BOOST_AUTO_TEST_CASE(a_callers_command_that_never_has_room_ends_and_holds_up_nobody) {
  limits.step_bytes_max = 2000;
  start();
  auto refused = send(by_mail(*this, delivery::mailbox, std::string(3000, 'x'), "id-1"));
  auto next = send(by_mail(*this, delivery::mailbox, "next", "id-2"));
  settle();
  BOOST_TEST((refused->code() == status_code::resource_exhausted));
  BOOST_TEST((next->code() == status_code::ok));
  BOOST_TEST(notes_of("b") == (texts{"next"}));
}

// The desk's mail fills its mailbox, so what its neighbour is to send there waits, in its order.
BOOST_AUTO_TEST_CASE(mail_that_finds_no_room_for_what_it_sends_waits_until_there_is) {
  limits.durable_mailbox_bytes_max = 3000;
  start();
  std::optional<throwing_desks> while_it_throws(std::in_place);
  to_desk("Pass", pass("c", "b", {"throw", std::string(2000, 'x')}));
  settle();
  for (int i = 0; i < 2; ++i) {
    send(silent_pass(*this, std::to_string(i) + std::string(1000, 'y'), std::to_string(i)));
    settle();
  }
  BOOST_TEST(store.mail_bytes({"desk", "a"}) > 0u);
  while_it_throws.reset();
  for (int i = 0; i < 5; ++i) {
    advance(2min);
    settle();
  }
  auto notes = notes_of("b");
  BOOST_REQUIRE(notes.size() == 4u);
  BOOST_TEST(notes[2].front() == '0');
  BOOST_TEST(notes[3].front() == '1');
}

BOOST_AUTO_TEST_CASE(a_retry_by_the_mailbox_gets_the_first_reply_and_takes_effect_once) {
  for (int i = 0; i < 2; ++i) {
    auto c = by_mail(*this, delivery::mailbox, "1", "id-1");
    c.idempotency_key = "key";
    auto reply = send(std::move(c));
    settle();
    BOOST_TEST((reply->code() == status_code::ok));
  }
  BOOST_TEST(notes_of("b") == (texts{"1"}));
}

BOOST_AUTO_TEST_CASE(a_retry_of_what_has_ended_leaves_its_record_as_it_is) {
  for (int i = 0; i < 2; ++i) {
    auto c = by_mail(*this, delivery::sent, "1", "id-1");
    c.idempotency_key = "key";
    auto reply = send(std::move(c));
    run();
    commit();
    BOOST_TEST((reply->code() == status_code::ok));
    BOOST_TEST(status_of(*this, "id-1")->done == (i == 1));
    settle();
  }
  BOOST_TEST(notes_of("b") == (texts{"1"}));
}

BOOST_AUTO_TEST_CASE(an_unknown_command_is_not_found) { BOOST_TEST(!status_of(*this, "nobody")); }

BOOST_AUTO_TEST_SUITE_END()
