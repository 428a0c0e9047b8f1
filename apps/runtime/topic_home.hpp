#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/runtime/settings.hpp"
#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/event_relay.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/kafka_figures.hpp"
#include "pubsub/topic_log.hpp"

// Where the topics of a process are, as its settings say: in its own store, or in a Kafka.

namespace perdure::runtime {

class topic_home {
 public:
  struct surroundings {
    persistence::topic_store& store;  // all referred to outlive it
    persistence::group_commit& commits;
    const perdure::clock& clock;
    hybrid_clock& step_times;
    pubsub::growth& grown;
    // Runs something soon, where blocking is no harm.
    std::function<void(std::function<void()>)> elsewhere;
  };

  // Asks no Kafka: that may be away at start.
  //   INVALID_ARGUMENT     settings of Kafka that cannot be
  //   FAILED_PRECONDITION  the topics of the data folder are in the other place
  //   UNAVAILABLE, DATA_LOSS  the data folder's file that tells cannot be read or written
  static result<std::unique_ptr<topic_home>> open(const settings& with, surroundings around);

  virtual ~topic_home() = default;

  virtual pubsub::topic_log& log() = 0;

  // One message may stand in a topic twice, as where others write.
  virtual bool may_repeat() const = 0;

  // What is published begins to leave, and what need not be kept any more is dropped, now and then.
  virtual void start() = 0;
  virtual void stop() = 0;

  virtual pubsub::relay_status relay() const = 0;

  // What the clients of Kafka tell of themselves; nullopt without one.
  virtual std::optional<pubsub::kafka_figures> kafka() const = 0;

  // What a person who asks for health should know, a sentence each.
  virtual std::vector<std::string> warnings() const = 0;
};

}  // namespace perdure::runtime
