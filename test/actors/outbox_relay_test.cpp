// From the outbox of another store to the mailboxes: in order, exactly once, whatever fails.

#include "actors/outbox_relay.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using namespace perdure::persistence;
namespace actors = perdure::actors;
using fault = test::faulty_step_store::fault;
using texts = std::vector<std::string>;

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(texts)

namespace {

const perdure::entity_key sender{"label", "l"};
const perdure::entity_key target{"desk", "a"};

// The relay on its own. Nothing happens before work().
struct relay_fixture {
  relay_fixture() { start(); }

  void start() {
    if (relay) relay->stop();
    relay = std::make_shared<actors::outbox_relay>(
        env, actors::outbox_relay::surroundings{
                 [this](const new_mail& mail) {
                   arrived.push_back(mail.payload);
                   if (on_arrival) on_arrival();
                 },
                 [this] { ++failed; }, [this](const auto& timers) { timers_set += timers.size(); },
                 [this](std::chrono::milliseconds, perdure::shard_id shard) {
                   retries.push_back(shard);
                 }});
    relay->start();
  }

  // An update of the entity that sends a text and publishes it; the relay is told unless `quietly`.
  void post(const std::string& text, bool quietly = false) {
    step s;
    s.entity = sender;
    s.kind = step_kind::key_value;
    s.expected = sequence;
    s.time = env->step_times.next();
    s.events.push_back({"State", text});
    s.mail = std::make_shared<mail_effects>();
    new_mail mail;
    mail.target = target;
    mail.payload = text;
    s.mail->mail.push_back(mail);
    new_message message;
    message.topic = "texts";
    message.key = sender.id;
    message.payload = text;
    s.mail->topics.messages.push_back(message);
    BOOST_REQUIRE(outbox.commit(std::span(&s, 1)).front().ok());
    sequence = s.last();
    if (!quietly) relay->posted(sender, s.time, s.mail);
  }

  bool read_next() {
    if (reads.empty()) return false;
    auto read = std::move(reads.front());
    reads.pop_front();
    read();
    return true;
  }

  void retry() {
    auto shards = std::move(retries);
    retries.clear();
    for (auto shard : shards) relay->catch_up(shard);
  }

  void work() {
    while (read_next() || commits.commit_pending()) {
    }
  }

  // What has arrived: as mail, and as often and in the same order in the topic.
  texts mailbox() {
    texts all, published;
    auto page = store.read_mail(target, {}, 1 << 20);
    for (const auto& stored : *page) {
      all.push_back(stored.mail.payload);
    }
    auto partition = value(perdure::shard_of(sender.id, store.shard_count()));
    auto messages = store.read_topic("texts", partition, {}, 1 << 20);
    for (const auto& stored : *messages) published.push_back(*stored.message.payload);
    BOOST_TEST(published == all);
    return all;
  }

  perdure::manual_clock clock;
  perdure::hybrid_clock step_times{clock};
  test::faulty_step_store store;
  test::memory_outbox_store outbox;
  group_commit commits{store, 1};
  group_commit commits_elsewhere{outbox};
  perdure::pubsub::growth grown;
  std::deque<std::function<void()>> reads;
  std::shared_ptr<const actors::environment> env = std::make_shared<actors::environment>(
      actors::environment{.store = store,
                          .commits = commits,
                          .clock = clock,
                          .step_times = step_times,
                          .reads = [this](auto work) { reads.push_back(std::move(work)); },
                          .limits = {},
                          .key_values = actors::key_value_home{outbox, commits_elsewhere, grown}});
  std::shared_ptr<actors::outbox_relay> relay;
  perdure::sequence_nr sequence{};
  texts arrived;
  std::function<void()> on_arrival;
  int failed = 0;
  std::size_t timers_set = 0;
  std::vector<perdure::shard_id> retries;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(outbox_relay, relay_fixture)

BOOST_AUTO_TEST_CASE(what_is_posted_arrives_and_leaves_the_outbox) {
  work();
  post("1");
  post("2");
  BOOST_TEST(reads.empty());  // from memory
  work();
  BOOST_TEST(arrived == (texts{"1", "2"}));
  BOOST_TEST(mailbox() == (texts{"1", "2"}));
  BOOST_TEST(outbox.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(what_an_earlier_process_left_comes_first) {
  work();
  for (int i = 0; i < 30; ++i) post(std::to_string(i), true);
  start();
  post("last");
  work();
  BOOST_TEST(mailbox().size() == 31u);
  BOOST_TEST(mailbox() == arrived);
  BOOST_TEST(arrived.back() == "last");
  BOOST_TEST(outbox.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(an_entry_that_nobody_told_of_is_found_before_the_next) {
  work();
  post("1");
  post("2", true);
  post("3");
  work();
  BOOST_TEST(mailbox() == (texts{"1", "2", "3"}));
}

BOOST_AUTO_TEST_CASE(an_entry_of_a_step_that_seemed_to_fail_is_found_though_no_other_follows) {
  work();
  post("1", true);
  relay->look_again(sender);
  work();
  BOOST_TEST(mailbox() == (texts{"1"}));
}

BOOST_AUTO_TEST_CASE(what_is_posted_while_the_outbox_is_read_is_not_missed) {
  work();
  post("1", true);
  post("2");  // reads
  post("3");
  BOOST_TEST(read_next());
  post("4");
  commits.commit_pending();
  outbox.when_read = [&] { outbox.when_read = [&] { post("5"); }; };
  work();
  BOOST_TEST(mailbox() == (texts{"1", "2", "3", "4", "5"}));
}

BOOST_AUTO_TEST_CASE(after_each_kind_of_failure_all_arrives_once_and_in_order) {
  for (auto what : {fault::lost, fault::stored_but_failed, fault::shows_later}) {
    work();
    auto before = mailbox().size();
    post("a");
    store.next_commit = what;
    post("b");
    work();
    BOOST_TEST(failed > 0);
    BOOST_TEST(retries.size() == 1u);
    post("c");
    retry();
    work();
    auto all = mailbox();
    BOOST_TEST(texts(all.begin() + static_cast<std::ptrdiff_t>(before), all.end()) ==
               (texts{"a", "b", "c"}));
    BOOST_TEST(outbox.waiting() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_failure_while_the_outbox_is_read_is_tried_again) {
  work();
  post("1");
  post("2", true);
  post("3");  // reads, while 1 is in flight
  store.next_commit = fault::lost;
  commits.commit_pending();
  work();
  BOOST_TEST(retries.size() == 1u);
  retry();
  work();
  BOOST_TEST(mailbox() == (texts{"1", "2", "3"}));
}

BOOST_AUTO_TEST_CASE(a_step_that_only_publishes_is_relayed_too) {
  work();
  post("1");
  for (bool quietly : {false, true}) {
    step s;
    s.entity = sender;
    s.kind = step_kind::key_value;
    s.expected = sequence;
    s.mail = std::make_shared<mail_effects>();
    s.mail->topics.messages = {new_message{}};
    s.mail->topics.messages[0].topic = "changes";
    BOOST_REQUIRE(outbox.commit(std::span(&s, 1)).front().ok());
    quietly ? relay->look_again(sender) : relay->posted(sender, s.time, s.mail);
    work();
    auto partition = partition_of(new_message{}, store.shard_count());
    BOOST_TEST(value(store.bounds("changes", partition).end) == (quietly ? 2u : 1u));
  }
  BOOST_TEST(outbox.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(an_outbox_that_cannot_be_read_is_read_later) {
  outbox.is_away = true;
  start();
  work();
  BOOST_TEST(!retries.empty());
  post("1");
  outbox.is_away = false;
  retry();
  work();
  BOOST_TEST(mailbox() == (texts{"1"}));
}

BOOST_AUTO_TEST_CASE(an_outbox_stays_short_though_something_is_always_under_way) {
  work();
  int posted = 0;
  std::size_t longest = 0;
  on_arrival = [&] {
    if (++posted < 3000) post(std::to_string(posted));
    longest = std::max(longest, outbox.waiting());
  };
  post("0");
  work();
  BOOST_TEST(arrived.size() == 3000u);
  BOOST_TEST(longest < 600u);
}

BOOST_AUTO_TEST_CASE(nothing_is_relayed_after_the_stop) {
  work();
  relay->stop();
  post("1");
  work();
  BOOST_TEST(mailbox().empty());
  BOOST_TEST(outbox.waiting() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
