// The relay when messages of its log cannot be read: they hold up those behind them and nobody
// else.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/check.hpp"
#include "persistence/group_commit.hpp"
#include "pubsub/event_relay.hpp"
#include "test/actors/faulty_step_store.hpp"
#include "test/persistence/topic_samples.hpp"
#include "test/pubsub/welcoming_writer.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

namespace {

// One message of the topic "worn" is damaged, until it is mended. Counts who asked for it.
class worn_store final : public ::test::faulty_step_store {
 public:
  result<std::vector<persistence::stored_message>> read_topic(const std::string& topic,
                                                              std::uint32_t partition,
                                                              topic_offset from,
                                                              std::size_t bytes_max) override {
    auto page = faulty_step_store::read_topic(topic, partition, from, bytes_max);
    if (!is_damaged || !page || topic != "worn") return page;
    auto damaged = std::ranges::find(*page, damaged_payload,
                                     [](const auto& m) { return m.message.payload.value(); });
    if (damaged == page->begin() && !page->empty()) {
      ++asked;
      return status{status_code::data_loss, "the checksum does not match"};
    }
    page->erase(damaged, page->end());
    return page;
  }
  std::string damaged_payload;
  std::atomic<bool> is_damaged = false;
  std::atomic<int> asked = 0;
};

// Everything is there and can be written, but one message.
class noting_writer final : public welcoming_writer {
 public:
  std::variant<written, failure> write(std::span<const outgoing_message> group) override {
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i].message->message.payload != refused_payload) continue;
      if (refused) refused();
      return failure{{status_code::invalid_argument, "too large"}, i};
    }
    for (const auto& m : group) {
      written_[m.message->message.topic].push_back(m.message->message.payload.value());
    }
    changed_.notify_all();
    return written{};
  }

  // What a topic has once it has so many.
  texts in(const std::string& topic, std::size_t count) {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, 60s, [&] { return written_[topic].size() >= count; }));
    return written_[topic];
  }

  std::string refused_payload;
  std::function<void()> refused;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, texts> written_;
};

// The damage is at offset 1 of the partition of `worn_key`; `other_key` is in another.
struct fixture {
  const std::string worn_key = "a";
  std::string other_key = "b";
  worn_store store;
  perdure::system_clock clock;
  hybrid_clock times{clock};
  growth grown;
  persistence::group_commit commits{store};
  noting_writer writer;
  std::optional<event_relay> relay;

  fixture() {
    while (partition_of(other_key) == partition_of(worn_key)) other_key += "b";
    store.damaged_payload = "2";
    commits.on_group([this] { grown.grown(); });
    commits.start();
  }
  ~fixture() {
    relay.reset();
    grown.stop();
  }

  std::uint32_t partition_of(const std::string& key) const {
    return partition_of_key(key, store.shard_count());
  }

  // One at a time, so that others are read ahead.
  void start(std::chrono::milliseconds backoff) {
    relay.emplace(event_relay::surroundings{store, commits, times, grown, writer},
                  event_relay::settings{
                      .group_messages_max = 1, .backoff_min = backoff, .backoff_max = backoff});
    relay->start();
  }

  void publish(const std::string& topic, const std::string& key, const texts& payloads) {
    auto s = mail_only("publisher");
    s.time = times.next();
    for (const auto& p : payloads) topics_of(s).messages.push_back(message_of(topic, key, p));
    commits.submit(std::move(s), [](const status& done) { PERDURE_CHECK(done.ok()); });
  }

  std::string worn_place() const {
    return "topic \"worn\", partition " + std::to_string(partition_of(worn_key)) + ": DATA_LOSS: ";
  }

  void wait_until(const std::function<bool()>& is_so) {
    auto end = std::chrono::steady_clock::now() + 60s;
    while (!is_so()) {
      BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
      std::this_thread::yield();
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(event_relay_damage, fixture)

BOOST_AUTO_TEST_CASE(a_damaged_message_holds_up_those_behind_it_and_nobody_else) {
  store.is_damaged = true;
  publish("worn", worn_key, {"1", "2", "3"});
  publish("worn", other_key, {"x", "y"});
  publish("sound", worn_key, {"1", "2", "3"});
  start(1h);
  BOOST_TEST(writer.in("sound", 3) == (texts{"1", "2", "3"}), per_element());
  BOOST_TEST(writer.in("worn", 3).size() == 3);
  wait_until([&] { return relay->status_now().backlog == 2; });
  wait_until([&] { return !relay->status_now().problem.empty(); });
  BOOST_TEST(relay->status_now().problem == worn_place() + "offset 1: the checksum does not match");
  // Those who come later do not wait either, and nobody asks for it in vain.
  publish("sound", worn_key, {"4"});
  BOOST_TEST(writer.in("sound", 4).back() == "4");
  publish("worn", other_key, {"z"});
  auto all = writer.in("worn", 4);
  BOOST_TEST(all.back() == "z");
  std::erase_if(all, [](const auto& p) { return p >= "x"; });
  BOOST_TEST(all == texts{"1"}, per_element());
  BOOST_TEST(store.asked == 1);
}

BOOST_AUTO_TEST_CASE(once_it_can_be_read_again_all_behind_it_follows) {
  store.is_damaged = true;
  publish("worn", worn_key, {"1", "2", "3"});
  start(1ms);
  wait_until([&] { return store.asked >= 3; });  // in vain
  BOOST_TEST(!relay->status_now().problem.empty());
  store.is_damaged = false;
  BOOST_TEST(writer.in("worn", 3) == (texts{"1", "2", "3"}), per_element());
  wait_until([&] { return relay->status_now().problem.empty(); });
  wait_until([&] { return relay->status_now().backlog == 0; });
}

BOOST_AUTO_TEST_CASE(one_that_is_refused_and_then_cannot_be_read_holds_up_nobody_else) {
  writer.refused_payload = "2";
  writer.refused = [&] { store.is_damaged = true; };
  publish("worn", worn_key, {"1", "2", "3"});
  start(1h);
  wait_until([&] { return store.asked >= 1; });
  publish("sound", worn_key, {"1"});
  BOOST_TEST(writer.in("sound", 1).size() == 1);
  wait_until([&] { return relay->status_now().backlog == 2; });
  BOOST_TEST(relay->status_now().problem == worn_place() + "offset 1: the checksum does not match");
}

BOOST_AUTO_TEST_SUITE_END()
