#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "actors/handler_pace.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "perdure/entity.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/outbox_store.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/topic_log.hpp"

namespace perdure::actors {

// Runs a function somewhere else, soon: where entities read their history, so that a slow disk
// holds up no actor.
using executor = std::function<void(std::function<void()>)>;

// A store that keeps the state of key-value entities only.
struct key_value_home {
  persistence::outbox_store& store;
  persistence::group_commit& commits;
  pubsub::growth& grown;  // of this store only: who looks into it in vain asks another server
};

// Where the messages of subscriptions come from.
struct topics_home {
  pubsub::topic_log& topics;
  bool may_repeat;        // one message may stand in a topic twice
  pubsub::growth& grown;  // of environment::store
  executor elsewhere;     // runs what may wait for a Kafka
};

// What entities live on. Everything referred to outlives the actor system.
struct environment {
  persistence::topic_store& store;  // all entities, mailboxes and timers, but for `key_values`
  persistence::group_commit& commits;
  const perdure::clock& clock;
  hybrid_clock& step_times;
  executor reads;
  perdure::limits limits;
  // An entity whose type's handlers are quick runs on the thread that brings its command or its
  // history. Else, as always without this, on the scheduler's threads.
  bool runs_on_caller = false;
  handler_pace::time_point (*steady_now)() = std::chrono::steady_clock::now;  // times handlers
  std::optional<key_value_home> key_values = std::nullopt;
  std::optional<topics_home> topics = std::nullopt;  // without it nothing is subscribed to
  // What views of this process read of `store`, by message_source::path(): replies tell how far
  // these have grown. Topics only where they are embedded.
  std::set<std::string> followed = {};

  // Where the state of entities of a kind is.
  bool is_elsewhere(entity_kind kind) const {
    return kind == entity_kind::key_value && key_values.has_value();
  }
  persistence::step_store& store_of(entity_kind kind) const {
    if (is_elsewhere(kind)) return key_values->store;
    return store;
  }
  persistence::group_commit& commits_of(entity_kind kind) const {
    return is_elsewhere(kind) ? key_values->commits : commits;
  }
  // Only where `topics` is set.
  pubsub::growth& growth_of(entity_kind kind) const {
    return is_elsewhere(kind) ? key_values->grown : topics->grown;
  }
};

}  // namespace perdure::actors
