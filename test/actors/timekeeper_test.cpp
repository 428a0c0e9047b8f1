// Timers to mailboxes, on its own: when it looks, and how often.

#include "actors/timekeeper.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using namespace perdure::persistence;

namespace {

const perdure::entity_key owner{"desk", "a"};

// Something may happen between what is read of the timers and what is made of it.
class interrupted_store final : public test::faulty_step_store {
 public:
  perdure::result<std::optional<perdure::timestamp>> next_due() override {
    auto due = faulty_step_store::next_due();
    if (auto interrupt = std::exchange(when_read, {})) interrupt();
    return due;
  }
  std::function<void()> when_read;
};

struct timekeeper_fixture {
  timekeeper_fixture() {
    keeper->look();
    read();
  }

  void set(std::chrono::milliseconds delay) {
    step s;
    s.entity = owner;
    s.kind = step_kind::mail_only;
    s.mail = std::make_shared<mail_effects>();
    new_mail what;
    what.target = owner;
    s.mail->timers.push_back({"t", timer_change::timer{clock.now() + delay, {}, what}});
    BOOST_REQUIRE(store.commit(std::span(&s, 1)).front().ok());
    keeper->set(s.mail->timers);
  }

  void read() {
    for (auto& work : std::exchange(reads, {})) work();
  }

  // The alarms that ring as time passes.
  void pass(std::chrono::milliseconds time) {
    clock.advance(time);
    auto set_before = std::move(alarms);
    alarms.clear();
    for (const auto& [at, number] : set_before) {
      if (at <= clock.now()) {
        keeper->rang(number);
      } else {
        alarms.emplace_back(at, number);
      }
    }
    read();
    while (commits.commit_pending()) {
    }
  }

  perdure::manual_clock clock;
  perdure::hybrid_clock step_times{clock};
  interrupted_store store;
  group_commit commits{store};
  std::vector<std::function<void()>> reads;
  std::vector<std::pair<perdure::timestamp, std::uint64_t>> alarms;
  int arrived = 0;
  std::shared_ptr<perdure::actors::timekeeper> keeper =
      std::make_shared<perdure::actors::timekeeper>(
          std::make_shared<perdure::actors::environment>(perdure::actors::environment{
              .store = store,
              .commits = commits,
              .clock = clock,
              .step_times = step_times,
              .reads = [this](auto work) { reads.push_back(std::move(work)); },
              .limits = {}}),
          perdure::actors::timekeeper::surroundings{
              [this](const new_mail&) { ++arrived; }, [] {},
              [this](std::chrono::milliseconds delay, std::uint64_t alarm) {
                alarms.emplace_back(clock.now() + delay, alarm);
              }});
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(timekeeper, timekeeper_fixture)

BOOST_AUTO_TEST_CASE(alarms_that_were_put_off_do_not_go_on_beside_the_last) {
  for (int i = 0; i < 30; ++i) {
    set(1s);
    pass(1s);
    pass(0s);
  }
  BOOST_TEST(arrived == 30);
  auto before = store.timer_reads.load();
  for (int i = 0; i < 600; ++i) pass(1s);
  BOOST_TEST(store.timer_reads - before <= 11);
  BOOST_TEST(alarms.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_set_while_the_store_is_read_is_in_time) {
  store.when_read = [this] { set(1s); };
  pass(1min);
  pass(0s);
  pass(1s);
  BOOST_TEST(arrived == 1);
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_due_before_the_next_look_is_in_time) {
  set(30s);
  set(1s);
  pass(1s);
  BOOST_TEST(arrived == 1);
}

BOOST_AUTO_TEST_CASE(nothing_is_set_off_after_the_stop) {
  keeper->stop();
  alarms.clear();
  set(1s);
  BOOST_TEST(alarms.empty());
  keeper->look();
  BOOST_TEST(reads.empty());
}

BOOST_AUTO_TEST_SUITE_END()
