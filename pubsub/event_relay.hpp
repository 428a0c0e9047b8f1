#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/topic_writer.hpp"

// Brings what stands in our topics to topics elsewhere, each message once, in order per key, and
// then drops it here. Where nobody can be reached, messages wait on the disk, and it goes on by
// itself.
//
//   our topics --read--> group --write: all or nothing--> topics elsewhere
//        ^                                                     |
//        +---- cursors "perdure.relay/..." move, trimmed <-----+
//
// We may die between the last two arrows, and a write may fail in a way that tells nothing: then we
// take over from ourselves, which ends whatever is still on its way, and read in the tails of the
// topics how far we got. The tails as they were when all was known are kept with the cursors, as
// those of "perdure.relay.tails/<topic>", by partition elsewhere.
//
// A message that can never be written goes to the topic "perdure.refused", which is not relayed,
// with where it came from and why in its metadata; those behind it follow. A topic that cannot be
// written to is tried again after a pause, and others go on. So is a message that cannot be read
// here: it holds up those of its partition that stand behind it.

namespace perdure::pubsub {

struct relay_status {
  std::uint64_t relayed = 0;  // messages since the process started
  std::uint64_t backlog = 0;  // messages that wait here
  std::uint64_t refused = 0;  // put aside since the process started
  std::string problem;        // what is amiss, for people: why it, or a topic, does not go on
};

constexpr auto refused_topic = "perdure.refused";

// Has a thread of its own. Any thread.
class event_relay {
 public:
  struct surroundings {
    persistence::topic_store& store;  // all referred to outlive it
    persistence::group_commit& commits;
    hybrid_clock& step_times;
    growth& grown;
    topic_writer& writer;
  };
  struct settings {
    std::size_t group_bytes_max = 4 << 20;
    std::size_t group_messages_max = 20'000;
    std::chrono::milliseconds backoff_min{50};
    std::chrono::milliseconds backoff_max = std::chrono::seconds{5};
  };

  event_relay(surroundings around, settings with);
  ~event_relay();  // stop()

  void start();

  // Ends after the write that is under way; what waits stays.
  void stop();

  relay_status status_now() const;

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

}  // namespace perdure::pubsub
