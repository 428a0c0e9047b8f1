#pragma once

#include <boost/test/unit_test.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "persistence/group_commit.hpp"
#include "pubsub/embedded_topic_log.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/subscription.hpp"
#include "test/actors/faulty_step_store.hpp"
#include "test/persistence/topic_samples.hpp"

// A subscription on a store that fails when it is told to, one thread and a clock that stands: what
// was submitted becomes durable, and what is to be done later is done, only when the test says so.

namespace perdure::test {

using pubsub::cloud_event;
using pubsub::handled_message;
using ::test::faulty_step_store;

// A message that was handed to the handler.
struct handed {
  cloud_event event;
  std::string origin;
  std::uint32_t attempt;
  std::function<void(handled_message)> done;

  std::string payload() const { return event.payload.value_or("(deleted)"); }
};

class subscription_fixture {
 public:
  using fault = faulty_step_store::fault;

  explicit subscription_fixture(pubsub::topic_log* of = nullptr) : log(of ? of : &embedded) {}
  ~subscription_fixture() {
    if (running) stop();
    commits.reset();
    of_the_killed.clear();
    grown.stop();
  }

  // ------------------------------------------------------------------------------------ its life

  void start() {
    alive = std::make_shared<bool>(true);
    auto if_alive = [alive = alive](auto call) {
      return [alive, call](auto&&... arguments) {
        if (*alive) call(std::forward<decltype(arguments)>(arguments)...);
      };
    };
    running = std::make_shared<pubsub::subscription>(
        name, "topic t", owner, pubsub::subscription_source{log, "t", may_repeat, from_end},
        if_alive([this](const cloud_event& event, const std::string& origin, std::uint32_t attempt,
                        std::function<void(handled_message)> done) {
          handle({event, origin, attempt, std::move(done)});
        }),
        bounds,
        pubsub::subscription::surroundings{
            *store, *commits, clock, times,
            if_alive([this](auto what) { elsewhere.push_back(std::move(what)); }),
            if_alive([this](auto delay, auto what) {
              later.emplace(clock.now() + delay, std::move(what));
            }),
            if_alive([this](const persistence::mail_effects& effects) {
              for (const auto& m : effects.mail) committed.push_back(m.payload);
            }),
            if_alive([this] { ++failures; })});
    running->start();
    run();
  }

  // Whatever its handlers are at is ended first.
  void stop() {
    bool ended = false;
    running->stop([&] { ended = true; });
    run();
    for (auto& h : std::exchange(in_hand, {})) finish(std::move(h));
    run();
    BOOST_TEST(ended);
    running.reset();
    later.clear();
  }

  // As when the process is killed: of what is under way, what was submitted may still be stored.
  void kill(bool is_stored) {
    *alive = false;
    do {
      store->next_commit = is_stored ? fault::none : fault::lost;
    } while (commits->commit_pending());
    store->next_commit = fault::none;
    running.reset();
    elsewhere.clear();
    later.clear();
    in_hand.clear();
    // What is left of it has nowhere to go.
    of_the_killed.push_back(std::exchange(commits, new_commits()));
  }

  // ---------------------------------------------------------------------------------- progress

  // All that can be done without time passing; steps become durable.
  void run() {
    while (run_once() || commits->commit_pending()) {
    }
  }

  // The same, but nothing becomes durable.
  void run_uncommitted() {
    while (run_once()) {
    }
  }

  void pass(std::chrono::milliseconds time) {
    auto until = clock.now() + time;
    while (!later.empty() && later.begin()->first <= until) {
      auto due = std::max(later.begin()->first, clock.now());
      clock.advance(due - clock.now());
      auto what = std::move(later.begin()->second);
      later.erase(later.begin());
      what();
      run();
    }
    clock.advance(until - clock.now());
    run();
  }

  // -------------------------------------------------------------------------------- what it does

  // Publishes to "t": key, payload.
  void publish(const std::vector<std::pair<std::string, std::string>>& messages) {
    persistence::step s = mail_only("publisher");
    s.time = times.next();
    for (const auto& [key, payload] : messages) {
      topics_of(s).messages.push_back(message_of("t", key, payload));
    }
    submit(std::move(s));
  }

  void submit(persistence::step s) {
    status done{status_code::unknown, ""};
    commits->submit(std::move(s), [&](const status& result) { done = result; });
    run();
    BOOST_TEST(done == status());
  }

  void handle(handed h) {
    if (is_held(h)) return in_hand.push_back(std::move(h));
    finish(std::move(h));
  }
  bool is_held(const handed& h) const { return holds_all || holds.contains(h.payload()); }

  // With success, unless it is to fail: then it sends what it was given to "target".
  void finish(handed h) {
    handled_message outcome;
    if (auto why = fails.find(h.payload()); why != fails.end()) {
      outcome.result = why->second;
      outcome.is_permanent = why->second.code() == status_code::invalid_argument;
    } else {
      outcome.mail.push_back(mail_to("target", h.payload()));
    }
    tries.push_back(h.payload() + "#" + std::to_string(h.attempt));
    h.done(std::move(outcome));
  }

  // Lets go of a message that is in the hand of its handler.
  void release(const std::string& payload) {
    auto found =
        std::ranges::find_if(in_hand, [&](const auto& h) { return h.payload() == payload; });
    BOOST_REQUIRE_MESSAGE(found != in_hand.end(), payload << " is not being handled");
    auto h = std::move(*found);
    in_hand.erase(found);
    finish(std::move(h));
    run();
  }

  // ------------------------------------------------------------------------------------ results

  // What took effect, in order.
  texts effects() { return payloads_of(mail_in(*store, "target")); }
  texts effects_of(const std::string& key) {
    auto all = effects();
    std::erase_if(all, [&](const auto& text) { return !text.starts_with(key + ":"); });
    return all;
  }
  texts hand() const {
    texts payloads;
    for (const auto& h : in_hand) payloads.push_back(h.payload());
    return payloads;
  }
  std::vector<persistence::stored_held_message> held() {
    std::vector<persistence::stored_held_message> all;
    std::optional<persistence::held_place> last;
    while (true) {
      auto page = store->read_held(name, last, 1000);
      BOOST_REQUIRE_MESSAGE(page.ok(), page.error());
      if (page->empty()) return all;
      last = page->back().place;
      for (auto& h : *page) all.push_back(std::move(h));
    }
  }
  texts held_payloads() {
    texts payloads;
    for (const auto& h : held()) payloads.push_back(h.what.what.message.payload.value_or("?"));
    return payloads;
  }
  pubsub::subscription_status now() const { return running->status_now(); }
  std::uint32_t partition_of(const std::string& key) const {
    return partition_of_key(key, store->shard_count());
  }
  // What an administrator is told.
  status told(const std::function<void(pubsub::subscription::on_done)>& verb) {
    std::optional<status> answer;
    verb([&](status s) { answer = std::move(s); });
    run();
    if (!answer) pass(std::chrono::seconds(10));
    BOOST_REQUIRE(answer.has_value());
    return *answer;
  }

  std::string name = "alerts";
  entity_key owner{"perdure.subscription", "alerts"};
  bool may_repeat = false;
  bool from_end = false;
  pubsub::subscription_limits bounds{.attempts_max = 4,
                                     .backoff_min = std::chrono::milliseconds(100),
                                     .backoff_max = std::chrono::milliseconds(300)};

  std::unique_ptr<faulty_step_store> store = std::make_unique<faulty_step_store>();
  std::unique_ptr<persistence::group_commit> commits = new_commits();
  std::vector<std::unique_ptr<persistence::group_commit>> of_the_killed;
  manual_clock clock;
  hybrid_clock times{clock};
  pubsub::growth grown;
  std::deque<std::function<void()>> elsewhere;
  std::multimap<timestamp, std::function<void()>> later;
  pubsub::embedded_topic_log embedded{*store, grown,
                                      [this](auto what) { elsewhere.push_back(std::move(what)); }};
  pubsub::topic_log* log;

  std::map<std::string, status> fails;  // by payload
  std::set<std::string> holds;          // payloads whose handler takes until release()
  bool holds_all = false;
  std::vector<handed> in_hand;
  texts tries;      // "payload#attempt", as the handlers have ended
  texts committed;  // mail that was told to be durable
  int failures = 0;

  std::shared_ptr<pubsub::subscription> running;
  std::shared_ptr<bool> alive;  // who has started it has not been killed

 private:
  std::unique_ptr<persistence::group_commit> new_commits() {
    auto fresh = std::make_unique<persistence::group_commit>(*store);
    fresh->on_group([this] { grown.grown(); });
    return fresh;
  }

  bool run_once() {
    if (elsewhere.empty()) return false;
    auto what = std::move(elsewhere.front());
    elsewhere.pop_front();
    what();
    return true;
  }
};

// Messages "k<n>:1" of so many keys.
inline std::vector<std::pair<std::string, std::string>> of_keys(int count) {
  std::vector<std::pair<std::string, std::string>> messages;
  for (int n = 0; n < count; ++n) {
    auto key = "k" + std::to_string(n);
    messages.emplace_back(key, key + ":1");
  }
  return messages;
}

inline status failing() { return {status_code::internal, "no luck"}; }
inline status failing_for_good() { return {status_code::invalid_argument, "never"}; }

}  // namespace perdure::test
