#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "pubsub/cloud_event.hpp"
#include "pubsub/topic_log.hpp"

// How a projector reads one source: which partitions there are, page after page of each, and what
// to do when the source says something else.
//
// What blocks is asked on a thread of its own (source_scout), so that a source that is away holds
// up no other; what comes is dealt with on the projector's thread, out of its inbox.

namespace perdure::views {

// What is to be done on the projector's thread. Any thread.
class inbox {
 public:
  // False: it is closed, and `what` is dropped.
  bool add(std::function<void()> what);
  // Waits for something, at most so long.
  std::deque<std::function<void()>> take(std::chrono::milliseconds wait_max);
  // Nothing is added any more, and nobody waits.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> all_;
  bool is_closed_ = false;
};

// Asks which partitions a topic has and where they begin and end, every some seconds and when told.
class source_scout {
 public:
  using bounds = std::vector<pubsub::partition_bounds>;
  // `ticket`: of the last ask() before it was begun. On the scout's thread.
  using on_found = std::function<void(std::uint64_t ticket, result<bounds> found)>;

  source_scout(pubsub::topic_log& log, std::string topic, std::chrono::milliseconds look_every,
               on_found found);
  ~source_scout();

  std::uint64_t ask();
  // Tells the log what was consumed.
  void consumed(std::string reader, std::vector<std::pair<std::uint32_t, topic_offset>> up_to);

 private:
  void run();
  result<bounds> look();

  pubsub::topic_log& log_;
  const std::string topic_;
  const std::chrono::milliseconds look_every_;
  const on_found found_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t asked_ = 1;
  bool is_stopping_ = false;
  std::function<void()> report_;
  std::thread thread_;
};

// A message as it was read.
struct source_message {
  pubsub::topic_record record;  // without what is in the event
  pubsub::cloud_event event;
  std::string subject;  // in whose order it stands; never empty
  status unreadable;    // as an event: then all of it is in the record

  static source_message of(pubsub::topic_record record, std::uint32_t partition);
  pubsub::topic_record as_written() const;
};

// On the projector's thread.
class source_reading {
 public:
  struct surroundings {
    pubsub::topic_log& log;
    std::string topic;
    std::string reader;
    std::string description;  // "view carts: topic flights", for people
    std::size_t page_bytes;   // asked for at once
    std::chrono::milliseconds look_every;
    std::shared_ptr<inbox> box;
    const perdure::clock& clock;
  };

  struct partition {
    std::uint32_t number = 0;
    topic_offset stored{};             // the cursor
    topic_offset read{};               // where to read on
    topic_offset end{};                // as far as known
    std::deque<source_message> ahead;  // from the cursor on
    std::size_t last_page = 0;         // records of the page that came last
    std::size_t done = 0;  // records of `ahead` that the transaction under way has dealt with
    bool must_store = false;
    bool is_reading = false;
    bool is_lost = false;  // where it is to read is not there: its bounds are asked for
    std::chrono::milliseconds backoff{};
    timestamp read_again{};
    std::string problem;

    // The cursor when what is done is committed.
    topic_offset next() const;
    // All before it has had its effect, or there was nothing.
    topic_offset seen() const { return ahead.empty() ? read : stored; }
  };

  // `cursors`: of a reader that has begun before. `from_end`: of one that has not.
  source_reading(surroundings around, std::map<std::uint32_t, topic_offset> cursors, bool from_end);
  ~source_reading();  // its readings end, and bring nothing any more

  std::vector<std::unique_ptr<partition>>& partitions() { return partitions_; }

  // Asks for the next page where at most one is ahead, so that it comes while that is worked on.
  void read_on();
  // When read_on() is to be called though nothing has come.
  timestamp next_time() const;

  // What is done is committed; or is to be done again.
  void committed();
  void rolled_back();

  // Has its bounds looked up; answered() is this or more once all of them are known, and there is
  // no such topic or its partitions are.
  std::uint64_t ask() { return scout_->ask(); }
  std::uint64_t answered() const { return answered_; }

  std::string problem() const;  // empty: none

 private:
  void found(std::uint64_t ticket, result<source_scout::bounds> there);
  void add_partitions(const source_scout::bounds& there);
  void place(partition& p, const pubsub::partition_bounds& there);
  struct read_page {
    std::vector<source_message> messages;
    topic_offset next;
  };
  static result<read_page> messages_of(result<pubsub::topic_page> page, std::uint32_t partition);
  void page_came(partition& p, result<read_page> page);
  void failed(partition& p, const status& why);

  const surroundings around_;
  std::map<std::uint32_t, topic_offset> cursors_;
  const bool from_end_;
  bool is_topic_new_ = false;  // it was not there when the reader began
  std::uint64_t answered_ = 0;
  std::string problem_;
  timestamp report_at_{};
  std::vector<std::unique_ptr<partition>> partitions_;
  std::unique_ptr<source_scout> scout_;
};

}  // namespace perdure::views
