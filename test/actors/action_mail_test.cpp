// Actions by their durable mailboxes: from entities, from timers, from clients that do not wait.

#include <boost/test/unit_test.hpp>

#include "actors/action_commands.hpp"
#include "test/actors/action_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using perdure::actors::command_status;
using test::Answer;
using test::Ask;
using test::clerk;

namespace {

using texts = std::vector<std::string>;

struct fixture : test::action_fixture {
  // A desk sends these to the clerk, who notes them at desk b.
  void tell(const std::string& from, const texts& all) {
    test::desk::PassRequest request;
    request.set_desk_id(from);
    request.set_to("b");
    for (const auto& text : all) request.add_texts(text);
    to_desk("Tell", request);
    settle();
  }

  void pass(std::chrono::milliseconds time) {
    for (auto passed = 0ms; passed < time; passed += 50ms) {
      advance(50ms);
      settle();
    }
  }

  template <class Condition>
  void pass_until(Condition holds) {
    for (int i = 0; i < 1000 && !holds(); ++i) pass(50ms);
    BOOST_REQUIRE(holds());
  }

  command_status status_of(const std::string& id) {
    std::optional<command_status> found;
    router->find_command(id, [&](auto known) { found = **known; });
    settle();
    return found.value();
  }

  bool mail_waits() const { return !store.entities_with_mail().empty(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(action_mail, fixture)

BOOST_AUTO_TEST_CASE(an_entity_sends_to_an_action) {
  tell("a", {"one", "two"});
  BOOST_TEST(notes_of("b") == (texts{"one", "two"}));
  BOOST_TEST(!mail_waits());
}

BOOST_AUTO_TEST_CASE(mail_of_one_sender_is_handled_in_its_order_though_handlers_wait) {
  ask("Tell", about("b", "m", 5));
  settle();
  pass(1s);
  BOOST_TEST(notes_of("b") == (texts{"m1", "m2", "m3", "m4", "m5"}));
}

BOOST_AUTO_TEST_CASE(mail_of_several_senders_does_not_wait_for_each_other) {
  send_to_clerk("Hear", about("b", "slow", 1000), "x");
  settle();
  send_to_clerk("Hear", about("b", "quick", 10), "y");
  settle();
  pass(100ms);
  BOOST_TEST(notes_of("b") == (texts{"quick"}));
  pass(1s);
  BOOST_TEST(notes_of("b") == (texts{"quick", "slow"}));
}

BOOST_AUTO_TEST_CASE(a_client_that_sends_can_ask_for_the_outcome) {
  auto accepted = send_to_clerk("Hear", about("b", "hello"), "x", "id");
  settle();
  BOOST_TEST((accepted->code() == status_code::ok));
  pass(50ms);
  auto known = status_of("id");
  BOOST_TEST(known.done);
  BOOST_TEST(known.method->name() == "Hear");
  Answer answer;
  BOOST_TEST(answer.ParseFromString(known.ended.reply));
  BOOST_TEST(answer.text() == "heard");
  BOOST_TEST(notes_of("b") == (texts{"hello"}));
}

BOOST_AUTO_TEST_CASE(what_a_client_sends_twice_with_one_key_takes_effect_once) {
  for (int i = 0; i < 2; ++i) {
    auto c = to_clerk("Hear", about("b", "hello", 100), "key", "-");
    c.way = perdure::actors::delivery::sent;
    c.command_id = "id";
    send(std::move(c));
    run();
    commit();
  }
  settle();
  pass(1s);
  BOOST_TEST(notes_of("b") == (texts{"hello"}));
}

BOOST_AUTO_TEST_CASE(what_clients_send_to_nobody_in_particular_does_not_wait) {
  send_to_clerk("Hear", about("b", "slow", 1000), "-", "1");
  send_to_clerk("Hear", about("b", "quick", 10), "-", "2");
  settle();
  pass(100ms);
  BOOST_TEST(notes_of("b") == (texts{"quick"}));
  pass(1s);
}

BOOST_AUTO_TEST_CASE(timers_of_callers_do_not_wait_for_each_other) {
  for (const auto& request : {about("b", "slow", 10, "slow"), about("b", "quick", 20, "quick")}) {
    auto c = to_clerk("Remind", request, {}, std::string(perdure::actors::no_id));
    send(std::move(c));
    settle();
  }
  pass(1s);
  BOOST_TEST(notes_of("b") == (texts{"quick"}));
  pass(5s);
  BOOST_TEST(notes_of("b") == (texts{"quick", "slow"}));
}

BOOST_AUTO_TEST_CASE(a_rejection_has_handled_it) {
  send_to_clerk("Hear", about("b", "x", 0, "reject"), "x", "id");
  settle();
  BOOST_TEST(!mail_waits());
  BOOST_TEST((status_of("id").ended.result.code() == status_code::not_found));
}

BOOST_AUTO_TEST_CASE(a_failure_is_tried_again_and_nothing_overtakes_it) {
  clerk::fails = true;
  tell("a", {"one", "two"});
  BOOST_TEST(mail_waits());
  tell("a", {"three"});
  pass(300ms);
  BOOST_TEST(mail_waits());
  clerk::fails = false;
  pass(1s);
  BOOST_TEST(notes_of("b") == (texts{"one", "two", "three"}));
  BOOST_TEST(!mail_waits());
}

BOOST_AUTO_TEST_CASE(a_client_is_told_of_a_failure_and_decides_itself) {
  clerk::fails = true;
  send_to_clerk("Hear", about("b", "x"), "x", "id");
  settle();
  BOOST_TEST(!mail_waits());
  BOOST_TEST((status_of("id").ended.result.code() == status_code::internal));
}

BOOST_AUTO_TEST_CASE(what_was_begun_before_a_restart_takes_effect_once) {
  send_to_clerk("NoteAll", about("b", "n", 2), "x");
  run();
  commit();  // it stands in its mailbox
  run();
  commit();  // the first note
  run();
  store.next_commit = test::faulty_step_store::fault::lost;
  settle();
  restart();
  pass(500ms);
  BOOST_TEST(notes_of("b") == (texts{"n1", "n2"}));
  BOOST_TEST(!mail_waits());
}

// Whatever a failed write leaves, nothing is sent twice or out of order.
BOOST_AUTO_TEST_CASE(a_step_that_fails_is_settled_by_what_the_store_shows) {
  using fault = test::faulty_step_store::fault;
  for (auto what : {fault::lost, fault::stored_but_failed, fault::shows_later}) {
    test::desk::DeskRequest close;
    close.set_desk_id("b");
    to_desk("Close", close);
    settle();
    send_to_clerk("Hear", about("b", "one"), "x");
    send_to_clerk("Hear", about("b", "two"), "x");
    send_to_clerk("Hear", about("b", "three"), "x");
    run();
    commit();
    run();
    store.next_commit = what;
    settle();
    pass(2s);
    BOOST_TEST(notes_of("b") == (texts{"one", "two", "three"}));
    BOOST_TEST(!mail_waits());
  }
}

BOOST_AUTO_TEST_CASE(a_timer_of_mail_belongs_to_the_action) {
  send_to_clerk("Remind", about("b", "late", 1000, "t"), "x");
  settle();
  send_to_clerk("Forget", about("", "", 0, "t"), "y");
  settle();
  pass(2s);
  BOOST_TEST(notes_of("b").empty());
}

BOOST_AUTO_TEST_CASE(a_handler_that_takes_too_long_is_ended_and_called_again) {
  limits.message_deadline = 1s;
  start();
  ask("Tell", about("b", "m", 1, "slow"));
  settle();
  BOOST_TEST(clerk::alive == 1);
  pass(950ms);
  BOOST_TEST(clerk::alive == 1);
  pass_until([] { return clerk::alive == 0; });
  BOOST_TEST(mail_waits());
  pass_until([] { return clerk::alive == 1; });
  limits.message_deadline = 60s;
  restart();
  pass(10s);
  BOOST_TEST(notes_of("b") == (texts{"m1"}));
}

BOOST_AUTO_TEST_SUITE_END()
