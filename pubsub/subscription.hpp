#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/cloud_event.hpp"
#include "pubsub/topic_log.hpp"

// A named reader that takes each message of its source to a handler, once, in order per key.
//
//   read a page -> hand over, a window at a time -> handled, in order -> one step: cursor, what the
//        ^         one after the other per key          |                handlers send and publish
//        |                                              | failed                  |
//        +------------------- from the cursor, after a failed commit <------------+
//                                                       v
//                             held queue of the key (in the step that moves the cursor past it):
//                             tried again after longer and longer pauses, then parked
//
// So a message whose handler fails holds up nothing but its key: later messages of the key go into
// its held queue as they come, and are dealt with in their order when the first of it has been. A
// handler that fails leaves nothing. Handlers of different keys run side by side; what they decide
// is stored in the order of the source, many in one step.
//
// One that is slow holds up the steps of its partition, and past the window its reading, until its
// deadline, when it counts as failed.

namespace perdure::pubsub {

// What a subscription reads.
struct subscription_source {
  topic_log* log;
  std::string topic;      // of `log`
  bool may_repeat;        // one message may stand there twice: dedupe by subject and sequence
  bool from_end = false;  // a new reader begins at the end, not at the first that is there
};

// What one message has led to.
struct handled_message {
  status result;              // not ok: the handler failed, nothing else counts
  bool is_permanent = false;  // trying again cannot help: it is parked at once
  std::vector<persistence::new_mail> mail = {};
  std::vector<persistence::timer_change> timers = {};  // of the handler's component
  std::vector<persistence::new_message> messages = {};
};

// Deals with one message. `done` is called once, from any thread; never inside this call while the
// caller holds a lock, so it may be called before this returns. `attempt` counts from 1.
using message_handler =
    std::function<void(const cloud_event& event, const std::string& origin, std::uint32_t attempt,
                       std::function<void(handled_message)> done)>;

struct subscription_limits {
  std::uint32_t attempts_max = 8;  // then a message is parked
  std::chrono::milliseconds backoff_min{100};
  std::chrono::milliseconds backoff_max = std::chrono::seconds{30};
  std::size_t window = 256;                // messages handed over and not yet stored, per partition
  std::size_t page_bytes = 1 << 20;        // read and not yet handed over, per partition
  std::size_t held_bytes_max = 256 << 20;  // past it the subscription reads no more, and says so
};

struct partition_status {
  std::uint32_t partition = 0;
  topic_offset next{};  // of the cursor
  topic_offset end{};   // of the source, as far as known
};

struct subscription_status {
  std::string name;
  std::string source;  // "topic flights", "event_sourced_entity aircraft"
  bool is_paused = false;
  std::vector<partition_status> partitions;
  std::uint64_t lag = 0;       // messages between all cursors and ends, as far as known
  std::uint64_t handled = 0;   // since the process started
  std::uint64_t retrying = 0;  // keys that are being tried again
  std::uint64_t parked = 0;    // keys that are parked
  std::uint64_t held = 0;      // messages held back in all
  std::string problem;         // why it does not go on, for people; empty: it does
};

// Any thread. Shared with what is under way.
class subscription : public std::enable_shared_from_this<subscription> {
 public:
  struct surroundings {
    persistence::topic_store& store;  // all referred to outlive it
    persistence::group_commit& commits;
    const perdure::clock& clock;
    hybrid_clock& step_times;
    // Runs something soon, where blocking is no harm.
    std::function<void(std::function<void()>)> elsewhere;
    // Runs something later, likewise.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
    // A step with these effects is durable, on the committer's thread, in the order of the steps:
    // mail and timers want to be delivered.
    std::function<void(const persistence::mail_effects&)> committed;
    // One has failed, and may show after all.
    std::function<void()> failed;
  };

  // `owner`: of timers, and named in errors.
  subscription(std::string name, std::string description, entity_key owner,
               subscription_source source, message_handler handler, subscription_limits bounds,
               surroundings around);

  void start();

  // Hands nothing over any more; calls `ended` once nothing is under way.
  void stop(std::function<void()> ended);

  // ------------------------------------------------------------------- what an administrator does
  // `done` once it is durable. UNAVAILABLE: the store failed, unknown outcome.
  using on_done = std::function<void(status)>;

  void pause(on_done done);
  void resume(on_done done);

  // Each partition goes on from here; what is held back stays. OUT_OF_RANGE, INVALID_ARGUMENT.
  struct position {
    std::uint32_t partition = 0;
    topic_offset next{};
  };
  void rewind(std::vector<position> to, on_done done);
  void rewind(timestamp to, on_done done);

  // Tries a key that is held back again, now; or all keys. NOT_FOUND: it holds nothing back.
  void retry(const std::string& key, on_done done);
  void retry_all(on_done done);

  // Takes the first message of the key out, for good; those behind it follow. `number` is that of
  // its place. NOT_FOUND: it is not the first any more.
  void skip(const std::string& key, std::uint64_t number, on_done done);

  subscription_status status_now() const;

 private:
  class engine;
  std::shared_ptr<engine> engine_;
};

}  // namespace perdure::pubsub
