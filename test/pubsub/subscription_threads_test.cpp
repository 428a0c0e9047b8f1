// The real parts together: RocksDB, the committer's thread, several threads that handle. How fast
// it goes is printed.

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "base/log.hpp"
#include "persistence/group_commit.hpp"
#include "pubsub/embedded_topic_log.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/subscription.hpp"
#include "test/persistence/topic_samples.hpp"
#include "test/pubsub/worker.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

namespace {

template <class Condition>
bool eventually(Condition condition) {
  auto until = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// One process' parts, on a folder.
struct process {
  explicit process(const std::filesystem::path& folder) : store(open_store(folder, clock)) {
    commits->on_group([this] { grown.grown(); });
    commits->start();
  }
  ~process() {
    commits.reset();
    grown.stop();
  }

  void publish(std::vector<persistence::new_message> messages) {
    auto s = mail_only("publisher");
    s.time = times.next();
    topics_of(s).messages = std::move(messages);
    std::promise<status> done;
    commits->submit(std::move(s), [&](const status& result) { done.set_value(result); });
    BOOST_TEST(done.get_future().get() == status());
  }

  std::shared_ptr<pubsub::subscription> subscribe(message_handler handler,
                                                  subscription_limits bounds = {}) {
    auto running = std::make_shared<pubsub::subscription>(
        "reader", "topic t", entity_key{"perdure.subscription", "reader"},
        subscription_source{&log, "t", false}, std::move(handler), bounds,
        pubsub::subscription::surroundings{
            *store, *commits, clock, times, run,
            [this](auto delay, auto what) { elsewhere.run_after(delay, std::move(what)); },
            [this](const persistence::mail_effects& effects) { committed += effects.mail.size(); },
            [] {}});
    running->start();
    return running;
  }

  void stop(pubsub::subscription& running) {
    std::promise<void> ended;
    running.stop([&] { ended.set_value(); });
    BOOST_REQUIRE(ended.get_future().wait_for(60s) == std::future_status::ready);
  }

  system_clock clock;
  hybrid_clock times{clock};
  std::unique_ptr<persistence::rocksdb_step_store> store;
  growth grown;
  std::unique_ptr<persistence::group_commit> commits =
      std::make_unique<persistence::group_commit>(*store);
  worker elsewhere{2};
  run_elsewhere run = [this](auto what) { elsewhere.run(std::move(what)); };
  embedded_topic_log log{*store, grown, run};
  std::atomic<std::size_t> committed = 0;
};

std::vector<persistence::new_message> numbered(int first, int count, int keys) {
  std::vector<persistence::new_message> messages;
  for (int n = first; n < first + count; ++n) {
    messages.push_back(message_of("t", "k" + std::to_string(n % keys), std::to_string(n)));
  }
  return messages;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_threads)

BOOST_AUTO_TEST_CASE(each_message_takes_effect_once_and_in_order_through_failures_and_restarts) {
  set_log_level(log_level::error);
  temporary_folder folder;
  constexpr int count = 2000;
  constexpr int keys = 40;
  std::mt19937 random(1);
  for (int round = 0; round < 5; ++round) {
    process p(folder.path());
    worker handlers(3);
    std::atomic<unsigned> calls = 0;
    auto running = p.subscribe(
        [&](const cloud_event& event, const std::string&, std::uint32_t,
            std::function<void(handled_message)> done) {
          handled_message outcome;
          if (++calls % 7 == 0) {
            outcome.result = {status_code::internal, "no luck"};
          } else {
            outcome.mail = {mail_to(event.subject, event.payload.value())};
          }
          if (calls % 2 == 0) return done(std::move(outcome));
          handlers.run([done, outcome] { done(outcome); });
        },
        {.attempts_max = 1000, .backoff_min = 1ms, .backoff_max = 5ms});
    p.publish(numbered(round * count, count, keys));
    if (round < 4) {
      BOOST_TEST(eventually([&] { return p.committed > 300; }));
    } else {
      BOOST_TEST(eventually([&] {
        auto now = running->status_now();
        return now.lag == 0 && now.held == 0 && now.partitions.size() == p.store->shard_count();
      }));
    }
    p.stop(*running);
  }
  set_log_level(log_level::info);

  process p(folder.path());
  for (int key = 0; key < keys; ++key) {
    texts expected;
    for (int n = key; n < 5 * count; n += keys) expected.push_back(std::to_string(n));
    BOOST_TEST(payloads_of(mail_in(*p.store, "k" + std::to_string(key))) == expected,
               per_element());
  }
}

BOOST_AUTO_TEST_CASE(an_administrator_may_do_anything_meanwhile) {
  set_log_level(log_level::error);
  temporary_folder folder;
  process p(folder.path());
  std::atomic<unsigned> calls = 0;
  auto running = p.subscribe(
      [&](const cloud_event& event, const std::string&, std::uint32_t,
          std::function<void(handled_message)> done) {
        handled_message outcome;
        if (++calls % 10 == 0) outcome.result = {status_code::internal, event.subject};
        p.elsewhere.run([done, outcome] { done(outcome); });
      },
      {.attempts_max = 2, .backoff_min = 1ms, .backoff_max = 2ms});
  for (int n = 0; n < 100; ++n) {
    p.publish(numbered(n * 100, 100, 30));
    auto ignore = [](const status&) {};
    running->pause(ignore);
    running->rewind(std::vector{pubsub::subscription::position{0, topic_offset{0}}}, ignore);
    running->retry_all(ignore);
    running->retry("k1", ignore);
    auto held = p.store->read_held("reader", std::nullopt, 1);
    BOOST_REQUIRE(held.ok());
    if (!held->empty()) {
      const auto& place = held->front().place;
      running->skip(place.key, place.number, ignore);
    }
    running->resume(ignore);
    running->status_now();
  }
  BOOST_TEST(eventually([&] {
    running->retry_all([](const status&) {});
    auto now = running->status_now();
    return now.lag == 0 && now.held == 0;
  }));
  p.stop(*running);
  set_log_level(log_level::info);
}

BOOST_AUTO_TEST_CASE(a_subscription_catches_up) {
  temporary_folder folder;
  process p(folder.path());
  constexpr int count = 100'000;
  for (int n = 0; n < count; n += 10'000) p.publish(numbered(n, 10'000, 1000));
  auto began = std::chrono::steady_clock::now();
  auto running = p.subscribe([](const cloud_event&, const std::string&, std::uint32_t,
                                std::function<void(handled_message)> done) { done({}); });
  BOOST_TEST(eventually([&] { return running->status_now().handled == count; }));
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  BOOST_TEST_MESSAGE(count / took.count() << " messages/s");
  p.stop(*running);
}

BOOST_AUTO_TEST_SUITE_END()
