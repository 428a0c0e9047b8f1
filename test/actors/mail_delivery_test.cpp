// Mailboxes to entities, on its own: what is handed over when, and what a reply leads to.

#include "actors/mail_delivery.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using namespace perdure::persistence;
using perdure::status_code;
using perdure::actors::command;
using perdure::actors::outcome;
using fault = test::faulty_step_store::fault;

namespace {

const perdure::entity_key target{"desk", "b"};
const outcome not_handled{{status_code::unavailable, "not now"}, {}};

struct delivery_fixture {
  ~delivery_fixture() { delivery->stop(); }

  // Mail for the target that stands in its mailbox; the delivery is not told.
  new_mail store_mail(const std::string& id = {}) {
    step s;
    s.kind = step_kind::mail_only;
    s.time = env->step_times.next();
    s.mail = std::make_shared<mail_effects>();
    new_mail mail;
    mail.target = target;
    mail.method = "test.desk.Desks.Note";
    mail.payload = test::desk::note("b", "text").SerializeAsString();
    mail.command_id = id;
    s.mail->mail.push_back(mail);
    BOOST_REQUIRE(store.commit(std::span(&s, 1)).front().ok());
    return s.mail->mail.front();
  }

  // The entity handles a mail of its mailbox.
  void handle(const command& c) {
    step s;
    s.entity = target;
    s.time = env->step_times.next();
    s.mail = std::make_shared<mail_effects>();
    s.mail->handled = c.mail->position;
    if (!c.command_id.empty()) s.mail->outcome = {c.command_id, {}, "done"};
    BOOST_REQUIRE(store.commit(std::span(&s, 1)).front().ok());
  }
  void reply_handled(std::size_t at) {
    handle(given.at(at));
    given[at].reply({.result = {}, .reply = "done", .left_mailbox = true});
  }

  void read() {
    while (!reads.empty()) {
      auto next = std::move(reads.front());
      reads.pop_front();
      next();
    }
  }

  void wait() {
    auto due = std::move(alarms);
    alarms.clear();
    for (auto& what : due) what();
    while (commits.commit_pending()) {
    }
    read();
  }

  perdure::manual_clock clock;
  perdure::hybrid_clock step_times{clock};
  test::faulty_step_store store;
  group_commit commits{store};
  std::deque<std::function<void()>> reads;
  std::vector<std::function<void()>> alarms;
  std::vector<command> given;
  std::shared_ptr<perdure::actors::command_waiters> waiters =
      std::make_shared<perdure::actors::command_waiters>();
  std::shared_ptr<const perdure::actors::environment> env =
      std::make_shared<perdure::actors::environment>(perdure::actors::environment{
          .store = store,
          .commits = commits,
          .clock = clock,
          .step_times = step_times,
          .reads = [this](auto work) { reads.push_back(std::move(work)); },
          .limits = {}});
  std::shared_ptr<perdure::actors::mail_delivery> delivery =
      std::make_shared<perdure::actors::mail_delivery>(
          env,
          std::make_shared<perdure::actors::entity_directory>(test::models_of<test::desk::desk>(),
                                                              env->limits),
          waiters,
          perdure::actors::mail_delivery::surroundings{
              [this](command c) { given.push_back(std::move(c)); },
              [this](auto, std::function<void()> what) { alarms.push_back(std::move(what)); }});
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(mail_delivery, delivery_fixture)

BOOST_AUTO_TEST_CASE(mail_goes_on_from_memory) {
  delivery->arrived(store_mail());
  delivery->arrived(store_mail());
  BOOST_TEST(given.size() == 2u);
  BOOST_TEST(store.mail_reads == 0);
}

BOOST_AUTO_TEST_CASE(mail_that_was_read_before_it_was_told_of_is_given_once) {
  auto first = store_mail();
  auto second = store_mail();
  delivery->start();
  read();
  BOOST_REQUIRE(given.size() == 2u);
  delivery->arrived(first);
  delivery->arrived(second);
  read();
  BOOST_TEST(given.size() == 2u);
  reply_handled(0);
  reply_handled(1);
  read();
  BOOST_TEST(given.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_round_begins_only_when_all_of_the_last_one_is_back) {
  delivery->arrived(store_mail());
  delivery->arrived(store_mail());
  given[0].reply(not_handled);
  BOOST_TEST(alarms.empty());
  given[1].reply(not_handled);
  BOOST_TEST(alarms.size() == 1u);
  wait();
  BOOST_REQUIRE(given.size() == 4u);
  BOOST_TEST((given[2].mail->position == given[0].mail->position));
  BOOST_TEST(given[2].mail->round > given[0].mail->round);
}

BOOST_AUTO_TEST_CASE(who_waits_is_told_of_mail_that_left_though_it_seemed_not_handled) {
  std::vector<outcome> came;
  waiters->add("id", perdure::timestamp::max(), [&](outcome o) { came.push_back(std::move(o)); });
  delivery->arrived(store_mail("id"));
  handle(given[0]);
  given[0].reply(not_handled);
  BOOST_TEST(came.empty());
  wait();
  BOOST_REQUIRE(came.size() == 1u);
  BOOST_TEST(came[0].reply == "done");
  BOOST_TEST(given.size() == 1u);
}

BOOST_AUTO_TEST_CASE(mail_that_comes_while_a_box_waits_or_is_read_is_not_missed) {
  delivery->arrived(store_mail());
  given[0].reply(not_handled);
  delivery->arrived(store_mail());
  BOOST_TEST(given.size() == 1u);
  for (auto& what : std::vector(alarms)) what();  // reads, but nothing is read yet
  delivery->arrived(store_mail());
  read();
  BOOST_TEST(given.size() == 4u);
}

BOOST_AUTO_TEST_CASE(no_mail_goes_on_from_memory_before_the_store_has_healed) {
  delivery->look_again();
  auto unknown = store_mail();  // shows
  delivery->arrived(store_mail());
  BOOST_TEST(given.empty());
  read();
  BOOST_REQUIRE(given.size() == 2u);
  BOOST_TEST((given[0].mail->position == unknown.position));
  reply_handled(0);
  reply_handled(1);
  store.next_commit = fault::lost;
  wait();
  BOOST_TEST(alarms.size() == 1u);  // asks again
  wait();
  BOOST_TEST(alarms.empty());
  delivery->arrived(store_mail());
  BOOST_TEST(given.size() == 3u);
}

BOOST_AUTO_TEST_CASE(nothing_is_handed_over_after_the_stop) {
  delivery->stop();
  delivery->arrived(store_mail());
  delivery->start();
  read();
  BOOST_TEST(given.empty());
}

BOOST_AUTO_TEST_SUITE_END()
