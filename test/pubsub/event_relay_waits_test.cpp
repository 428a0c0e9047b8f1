// The relay while it has nothing to do or cannot: what it leaves behind in the process.

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "persistence/group_commit.hpp"
#include "pubsub/event_relay.hpp"
#include "test/actors/faulty_step_store.hpp"
#include "test/persistence/topic_samples.hpp"
#include "test/pubsub/welcoming_writer.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

// Counts how often it is asked where a partition ends.
class counting_store final : public ::test::faulty_step_store {
 public:
  persistence::topic_bounds bounds(const std::string& topic,
                                   std::uint32_t partition) const override {
    ++asked;
    return faulty_step_store::bounds(topic, partition);
  }
  mutable std::atomic<int> asked = 0;
};

// No topic is there. It stands still at one of the tries, until it may go on.
class refusing_writer final : public topic_writer {
 public:
  status take_over() override { return {}; }
  status prepare(const std::string&, std::uint32_t) override {
    std::unique_lock lock(mutex_);
    ++tries_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return may_go_on_ || tries_ < stands_at; });
    return {status_code::not_found, "no such topic"};
  }
  result<known_tails> ends(const std::string&) override { return known_tails{}; }
  result<std::map<std::uint32_t, topic_offset>> find_written(const std::string&,
                                                             const known_tails&) override {
    return std::map<std::uint32_t, topic_offset>{};
  }
  std::variant<written, failure> write(std::span<const outgoing_message>) override {
    return failure{{status_code::unavailable, "no"}, {}};
  }
  void interrupt() override {}

  bool wait_until_it_stands() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] { return tries_ == stands_at; });
  }
  void go_on() {
    std::lock_guard lock(mutex_);
    may_go_on_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr int stands_at = 100;
  std::mutex mutex_;
  std::condition_variable changed_;
  int tries_ = 0;
  bool may_go_on_ = false;
};

// Writes all, and tells how many there were.
class counting_writer final : public welcoming_writer {
 public:
  std::variant<written, failure> write(std::span<const outgoing_message> group) override {
    std::lock_guard lock(mutex_);
    messages_ += group.size();
    changed_.notify_all();
    return written{};
  }

  bool await(std::size_t messages) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] { return messages_ >= messages; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t messages_ = 0;
};

// A relay in front of a store of its own.
struct fixture {
  fixture() {
    commits.on_group([this] { grown.grown(); });
    commits.start();
  }

  void publish_one() {
    auto s = mail_only("publisher");
    s.time = times.next();
    topics_of(s).messages.push_back(message_of("t", "a", "1"));
    commits.submit(std::move(s), [](const status&) {});
  }

  counting_store store;
  perdure::system_clock clock;
  hybrid_clock times{clock};
  growth grown;
  persistence::group_commit commits{store};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(event_relay_waits, fixture)

BOOST_AUTO_TEST_CASE(what_waits_for_a_topic_for_long_costs_commits_no_more_and_more) {
  publish_one();
  refusing_writer writer;
  event_relay relay({store, commits, times, grown, writer},
                    {.backoff_min = 1ms, .backoff_max = 1ms});
  relay.start();
  BOOST_REQUIRE(writer.wait_until_it_stands());
  auto before = store.asked.load();
  grown.grown();
  BOOST_TEST(store.asked - before <= static_cast<int>(store.shard_count()));
  writer.go_on();
  relay.stop();
}

// Each is waited for before the next is there, and a pause would outlast the test.
BOOST_AUTO_TEST_CASE(a_message_leaves_without_another_and_without_a_pause) {
  counting_writer writer;
  event_relay relay({store, commits, times, grown, writer},
                    {.backoff_min = 24h, .backoff_max = 24h});
  relay.start();
  for (std::size_t sent = 1; sent < 10; ++sent) {
    publish_one();
    BOOST_REQUIRE(writer.await(sent));
  }
  relay.stop();
}

BOOST_AUTO_TEST_SUITE_END()
