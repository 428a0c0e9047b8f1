// Key-value entities in a store of their own, and what goes to and fro between it and the store of
// the mailboxes: in order, exactly once, whatever fails.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using perdure::actors::delivery;
using test::entity_fixture;
using fault = test::faulty_step_store::fault;
using fault_elsewhere = test::memory_outbox_store::fault;
using texts = std::vector<std::string>;

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(texts)

namespace {

struct home_fixture : entity_fixture {
  home_fixture() : entity_fixture(1) {
    is_elsewhere = true;
    start();
  }

  test::desk::PutRequest put_request(const std::string& text, const std::string& pass_to = {}) {
    test::desk::PutRequest request;
    request.set_label_id("l");
    request.set_text(text);
    request.set_pass_to(pass_to);
    return request;
  }

  // A caller's, by the durable mailbox of the label.
  test::reply_ptr put_by_mail(const std::string& text, delivery way,
                              const std::string& pass_to = {}, const std::string& key = {}) {
    auto c = command_to<test::desk::label>("l", "Put", put_request(text, pass_to), key);
    c.way = way;
    c.command_id = "id-" + text;
    return send(std::move(c));
  }

  // A desk's that sends something but changes nothing.
  test::reply_ptr pass_by_mail(const std::string& text, const std::string& to) {
    test::desk::PassRequest request;
    request.set_desk_id("c");
    request.set_to(to);
    request.add_texts(text);
    request.set_silently(true);
    auto c = command_to<test::desk::desk>("c", "Pass", request);
    c.way = delivery::sent;
    c.command_id = "id-" + text;
    return send(std::move(c));
  }

  test::desk::Text get() {
    test::desk::LabelRequest request;
    request.set_label_id("l");
    auto reply = to_label("Get", request);
    settle();
    return reply->as<test::desk::Text>();
  }

  void pass_time(std::chrono::milliseconds by) {
    advance(by);
    settle();
  }

  bool is_done(const std::string& id) {
    bool done = false;
    router->find_command(id, [&](auto found) { done = found.ok() && *found && (*found)->done; });
    run();
    return done;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(key_value_home, home_fixture)

BOOST_AUTO_TEST_CASE(a_state_is_there_after_a_restart) {
  to_label("Put", put_request("one"));
  start();
  BOOST_TEST(get().text() == "one");
}

BOOST_AUTO_TEST_CASE(what_updates_send_arrives_in_its_order) {
  texts all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(std::to_string(i));
    to_label("Put", put_request(all.back(), "a"));
  }
  settle();
  BOOST_TEST(notes_of("a") == all);
  BOOST_TEST(store_elsewhere.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(what_was_sent_is_relayed_after_a_restart) {
  run();
  to_label("Put", put_request("1", "a"));
  run();
  commit_elsewhere();
  start();
  settle();
  BOOST_TEST(notes_of("a") == (texts{"1"}));
}

BOOST_AUTO_TEST_CASE(what_a_step_that_seemed_to_fail_has_sent_arrives_though_no_other_follows) {
  store_elsewhere.next_commit = fault_elsewhere::stored_but_failed;
  to_label("Put", put_request("1", "a"));
  settle();
  BOOST_TEST(notes_of("a") == (texts{"1"}));
}

BOOST_AUTO_TEST_CASE(a_state_expires_by_a_timer_of_the_other_store) {
  auto request = put_request("one");
  request.set_expire_ms(10'000);
  to_label("Put", request);
  settle();
  pass_time(9s);
  BOOST_TEST(get().text() == "one");
  pass_time(1s);
  settle();
  BOOST_TEST(get().sequence() == 2);
}

BOOST_AUTO_TEST_CASE(a_call_by_the_mailbox_is_answered_once_its_outcome_is_recorded) {
  auto reply = put_by_mail("one", delivery::mailbox);
  run();
  commit();
  run();
  commit_elsewhere();
  BOOST_TEST(!reply->came);
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(is_done("id-one"));
  BOOST_TEST(store.entities_with_mail().empty());
}

BOOST_AUTO_TEST_CASE(mail_that_could_not_be_taken_out_takes_effect_once) {
  auto reply = put_by_mail("one", delivery::mailbox);
  run();
  commit();
  run();
  commit_elsewhere();
  store.next_commit = fault::lost;
  settle();
  pass_time(1min);
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(get().sequence() == 1);
  BOOST_TEST(is_done("id-one"));
  BOOST_TEST(store.entities_with_mail().empty());
}

BOOST_AUTO_TEST_CASE(mail_is_handled_once_though_the_process_ends_before_it_is_taken_out) {
  put_by_mail("no", delivery::sent);
  put_by_mail("one", delivery::sent, "a");
  run();
  commit();
  run();
  commit_elsewhere();
  store.next_commit = fault::lost;  // of what takes the first out, and then the restart
  start();
  pass_time(1min);
  BOOST_TEST(get().sequence() == 2);
  BOOST_TEST(notes_of("a") == (texts{"one"}));
  BOOST_TEST(is_done("id-no"));
  BOOST_TEST(is_done("id-one"));
}

BOOST_AUTO_TEST_CASE(an_entity_that_cannot_be_read_keeps_its_mail) {
  store_elsewhere.is_away = true;
  put_by_mail("one", delivery::sent);
  settle();
  pass_time(1min);
  BOOST_TEST(!store.entities_with_mail().empty());
  store_elsewhere.is_away = false;
  pass_time(2min);
  BOOST_TEST(get().sequence() == 1);
}

// Two senders, one of each store, of numbered messages for one target. Each store fails now and
// then in each of its ways, and the process ends now and then.
BOOST_AUTO_TEST_CASE(a_random_walk_loses_doubles_and_reorders_nothing) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    auto one_in = [&](unsigned n) { return random() % n == 0; };
    auto target = "a" + std::to_string(seed);
    std::map<std::string, test::reply_ptr> sent;
    for (int i = 0; i < 40; ++i) {
      auto text = std::to_string(1000 + i);
      auto id = (i % 2 == 0 ? "l" : "c") + std::to_string(seed) + "-" + text;
      sent[id] = i % 2 == 0 ? put_by_mail(id, delivery::sent, target) : pass_by_mail(id, target);
      if (one_in(6)) store.next_commit = static_cast<fault>(random() % 4);
      if (one_in(6)) store_elsewhere.next_commit = static_cast<fault_elsewhere>(random() % 4);
      store_elsewhere.is_away = one_in(10);
      if (one_in(3)) run();
      if (one_in(3)) commit();
      if (one_in(3)) commit_elsewhere();
      if (one_in(5)) pass_time(std::chrono::milliseconds{random() % 1000});
      if (one_in(40)) start();
    }
    store.next_commit = fault::none;
    store_elsewhere.next_commit = fault_elsewhere::none;
    store_elsewhere.is_away = false;
    settle();
    for (int i = 0; i < 10; ++i) pass_time(1min);
    put_by_mail("l" + std::to_string(seed) + "-last", delivery::sent, target);
    settle();
    auto notes = notes_of(target);
    std::map<char, std::string> last;
    for (const auto& note : notes) {
      BOOST_TEST(last[note.front()] < note, "seed " << seed << ": " << note << " comes late");
      last[note.front()] = note;
    }
    for (const auto& [id, reply] : sent) {
      BOOST_REQUIRE(reply->came);
      bool is_there = std::ranges::count(notes, id) == 1;
      bool is_unknown = reply->code() == status_code::unavailable;
      BOOST_TEST((is_there || is_unknown), "seed " << seed << ": " << id << " is lost");
    }
    BOOST_TEST(store.entities_with_mail().empty());
    BOOST_TEST(store_elsewhere.waiting() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
