// Callers' commands that go by the durable mailbox of their entity.

#include <boost/test/unit_test.hpp>

#include "test/actors/desk_commands.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using perdure::actors::delivery;
using test::by_mail;
using test::entity_fixture;
using test::pass;
using test::silent_pass;
using test::status_of;
using test::throwing_desks;
using fault = test::faulty_step_store::fault;
using texts = std::vector<std::string>;

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(texts)

BOOST_FIXTURE_TEST_SUITE(entity_mailbox, entity_fixture)

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

BOOST_AUTO_TEST_CASE(a_circle_of_forwards_by_the_mailbox_ends_with_an_error) {
  test::desk::CircleRequest request;
  request.set_desk_id("b");
  auto c = command_to<test::desk::desk>("b", "Circle", request);
  c.way = delivery::mailbox;
  c.command_id = "id-1";
  auto reply = send(std::move(c));
  settle();
  BOOST_TEST((reply->code() == status_code::failed_precondition));
  BOOST_TEST(store.entities_with_mail().empty());
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
