#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pubsub/kafka_client.hpp"
#include "pubsub/topic_log.hpp"

// One reader of a kafka_topic_log: a consumer, a thread that takes from it, and for each partition
// what was fetched and not yet asked for. For kafka_* only.
//
//   librdkafka --> buffer of the partition --> page
//       ^                  |
//       +-- attached while there is room, at the offset where the buffer ends
//
// librdkafka's own way to hold a partition back, a pause, wakes it up again only after up to a
// second; to attach it anew takes a few milliseconds.

namespace perdure::pubsub {

// Any thread.
class kafka_reader {
 public:
  using on_page = topic_log::on_page;

  // Speaks to nobody yet. `group`: where what was consumed is shown; empty: nowhere.
  static result<std::unique_ptr<kafka_reader>> open(const kafka_settings& settings,
                                                    const std::string& group);
  ~kafka_reader();  // waits for the thread; not on it

  // As the verbs of topic_log, but with the topic's name in Kafka.
  void read(const std::string& kafka_name, std::uint32_t partition, topic_offset from,
            std::size_t bytes_max, on_page tell);
  void consumed(const std::string& kafka_name, std::uint32_t partition, topic_offset next);
  void stop();

  // After stop(): whether the thread has ended, so that the destructor does not wait.
  bool has_ended() const { return ended_; }

  kafka_figures figures() const { return client_->figures(); }

 private:
  using place = std::pair<std::string, std::uint32_t>;  // topic, partition

  struct reading {
    std::size_t bytes_max = 0;
    on_page tell;
  };

  struct buffer {
    topic_offset first{};  // of what is here; reading on from there is quick
    topic_offset end{};    // librdkafka goes on there
    std::deque<topic_record> records;
    std::size_t bytes = 0;
    bool is_attached = false;        // librdkafka fetches it
    bool wants_attaching = false;    // at `end`
    std::optional<reading> waiting;  // for what comes at `first`
  };

  using telling = std::pair<on_page, result<topic_page>>;  // to be called without the lock
  using messages = std::vector<rd_kafka_message_t*>;

  kafka_reader(const kafka_settings& settings, const std::string& group);

  void run();
  void look_for_missing_topics();
  void look_for_answers_not_taken();
  void attach_wanted();
  void attach(const place& at, topic_offset from);
  void detach(const std::vector<place>& all);
  result<std::uint32_t> partitions(const std::string& kafka_name);
  messages poll();
  void take_in(const messages& all);
  void take(buffer& into, const rd_kafka_message_t& message);
  void fail(const rd_kafka_message_t& message, std::vector<telling>& told,
            std::vector<place>& detached);
  void fail(const place& at, const status& why);
  void fail_topic(const std::string& kafka_name, const status& why);
  void commit(bool is_last);

  static void go_to(buffer& b, topic_offset from);
  static topic_page page_of(buffer& from, std::size_t bytes_max);
  static bool let_go(buffer& b) { return std::exchange(b.is_attached, false); }
  static bool has_page(const buffer& b) { return !b.records.empty() || b.first < b.end; }

  const kafka_settings settings_;
  const std::string group_;
  std::unique_ptr<kafka_client> client_;
  rd_kafka_queue_t* queue_ = nullptr;  // of the consumer, to be woken by

  std::mutex mutex_;  // of what follows
  std::map<place, buffer> buffers_;
  std::map<place, topic_offset> consumed_;  // and not yet committed

  // Of the thread.
  std::map<std::string, std::uint32_t> known_;  // topics, and how many partitions they have
  bool may_be_missing_ = false;                 // one of those that are read
  std::string not_taken_;                       // why an answer of Kafka's was not; empty: none
  std::chrono::steady_clock::time_point committed_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace perdure::pubsub
