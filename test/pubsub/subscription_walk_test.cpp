// Random messages, handlers and commits that fail at random, kills at random: then each message's
// effect is there once, per key in order. The seed is told with a failure and is the number of the
// walk; PERDURE_WALKS sets another first one and, after a comma, how many.

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>
#include <string>

#include "base/log.hpp"
#include "test/pubsub/subscription_fixture.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

struct walks {
  unsigned first = 1;
  unsigned count = 60;

  walks() {
    if (const auto* text = std::getenv("PERDURE_WALKS")) {
      std::sscanf(text, "%u,%u", &first, &count);
    }
  }
};

class walk : public subscription_fixture {
 public:
  walk(unsigned seed, bool repeats) : random_(seed) {
    may_repeat = repeats;
    bounds.window = 1 + number_below(20);
    bounds.page_bytes = 200 + number_below(3000);
    bounds.attempts_max = 2 + number_below(3);
    bounds.held_bytes_max = number_below(2) == 0 ? 5000 : 1 << 20;
    start();
  }

  void steps(int count) {
    for (int n = 0; n < count; ++n) {
      if (!running) start();
      one_step();
    }
  }

  void finish() {
    failure_rate_ = 0;
    holds_all = false;
    fails.clear();
    store->next_commit = fault::none;
    if (!running) start();
    for (int n = 0; n < 50; ++n) {
      while (!in_hand.empty()) let_one_go();
      running->resume({});
      running->retry_all({});
      pass(10s);
    }
  }

  void check() {
    for (auto& [key, payloads] : published_) {
      BOOST_TEST(effects_of(key) == payloads, boost::test_tools::per_element());
    }
    BOOST_TEST(held().empty());
    auto end = now();
    BOOST_TEST(end.held + end.parked + end.retrying + end.lag == 0);
    BOOST_TEST(end.problem == "");
  }

 private:
  unsigned number_below(unsigned bound) {
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_);
  }
  bool is_one_in(unsigned count) { return number_below(count) == 0; }

  void one_step() {
    switch (number_below(12)) {
      case 0:
      case 1:
      case 2:
        return publish_some();
      case 3:
        store->next_commit = static_cast<fault>(1 + number_below(3));
        return;
      case 4:
        return pass(std::chrono::milliseconds(number_below(400)));
      case 5:
        holds_all = is_one_in(2);
        failure_rate_ = number_below(60);
        return;
      case 6:
      case 7:
        if (!in_hand.empty()) let_one_go();
        return;
      case 8:
        return run_some();
      case 9:
        return end_somehow();
      case 10:
        return is_one_in(3) ? running->pause({}) : running->resume({});
      default:
        return is_one_in(2) ? running->retry_all({}) : running->retry(any_key(), {});
    }
  }

  std::string any_key() { return std::string(1, static_cast<char>('a' + number_below(8))); }

  void publish_some() {
    auto s = mail_only("publisher");
    s.time = times.next();
    for (auto count = 1 + number_below(30); count > 0; --count) {
      auto key = any_key();
      auto& before = published_[key];
      bool again = may_repeat && !before.empty() && is_one_in(4);
      auto sequence = again ? 1 + number_below(before.size()) : before.size() + 1;
      auto payload = key + ":" + std::to_string(sequence);
      if (!again) before.push_back(payload);
      auto m = message_of("t", key, payload);
      m.source = "s";
      m.sequence = sequence_nr{sequence};
      topics_of(s).messages.push_back(std::move(m));
    }
    // Past the committer: the fault is for the subscription.
    auto next = std::exchange(store->next_commit, fault::none);
    BOOST_TEST(commit(*store, s) == status());
    store->next_commit = next;
    grown.grown();
    if (is_one_in(2)) run();
  }

  void let_one_go() {
    auto at = in_hand.begin() + number_below(in_hand.size());
    auto h = std::move(*at);
    in_hand.erase(at);
    auto payload = h.payload();
    if (number_below(100) < failure_rate_) {
      fails[payload] = is_one_in(4) ? failing_for_good() : failing();
    } else {
      fails.erase(payload);
    }
    subscription_fixture::finish(std::move(h));
    if (is_one_in(2)) run();
  }

  void run_some() {
    for (auto count = number_below(20); count > 0; --count) {
      if (is_one_in(8)) commits->commit_pending();
      if (elsewhere.empty()) continue;
      auto what = std::move(elsewhere.front());
      elsewhere.pop_front();
      what();
    }
  }

  void end_somehow() {
    if (!is_one_in(3)) return;
    if (is_one_in(4)) return stop();
    kill(is_one_in(2));
  }

  std::mt19937 random_;
  unsigned failure_rate_ = 20;  // of those that are held; in percent
  std::map<std::string, texts> published_;
};

void walk_about(unsigned seed, bool repeats) {
  BOOST_TEST_CONTEXT("seed " << seed) {
    walk w(seed, repeats);
    w.steps(300);
    w.finish();
    w.check();
  }
}

struct quiet {
  quiet() { set_log_level(log_level::error); }
  ~quiet() { set_log_level(log_level::info); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(subscription_walk, quiet)

BOOST_AUTO_TEST_CASE(each_message_takes_effect_once_and_in_order_whatever_fails) {
  walks of;
  for (auto seed = of.first; seed < of.first + of.count; ++seed) walk_about(seed, false);
}

BOOST_AUTO_TEST_CASE(so_it_does_where_messages_are_repeated) {
  walks of;
  for (auto seed = of.first; seed < of.first + of.count; ++seed) walk_about(seed, true);
}

BOOST_AUTO_TEST_SUITE_END()
