#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "perdure/metadata.hpp"
#include "persistence/mail.hpp"

// A step: the durable form of one handled command, and the unit of atomicity. Values only; what
// they look like as bytes is the adapter's business (docs/formats.md).

namespace perdure::persistence {

// One event to be stored.
struct new_event {
  std::string type;     // full name of its message: "cart.domain.ItemAdded"; empty: the deletion
  std::string payload;  // its encoded protobuf
  perdure::metadata metadata = {};  // the user's own

  // That the entity is deleted: the last event of its step. What was before it is not loaded any
  // more; the entity is as one that never was, but for its sequence number, which goes on.
  static new_event deletion() { return {}; }
  bool is_deletion() const { return type.empty(); }
};

// The state after the whole step, so that recovery may begin there.
struct new_snapshot {
  std::string state_type;  // full name of the state's message
  std::string payload;
};

// The scope of an idempotency key: the entity and the method, beside the key the client chose.
struct idempotency_key {
  std::string method;  // full name of the rpc: "cart.api.ShoppingCart.AddItem"
  std::string key;

  friend bool operator==(const idempotency_key&, const idempotency_key&) = default;
};

// What a command with an idempotency key was answered, for its retries.
struct recorded_reply {
  std::uint64_t fingerprint = 0;  // of the request, so that the key with another payload is refused
  std::string payload;            // the reply's encoded protobuf
  // It was forwarded by mail: `payload` is the id of the command it went on as.
  bool was_forwarded = false;
};

enum class step_kind : std::uint8_t {
  event_sourced,  // the state is the fold of the events
  key_value,      // the state is the last event, whose type is the state's; at most one in a step
  mail_only,      // changes no entity: neither `expected` nor events count, only `mail`
};

struct step {
  entity_key entity;
  step_kind kind = step_kind::event_sourced;
  epoch shard_epoch{};
  region_id region{};
  hybrid_time time;        // when it was taken
  sequence_nr expected{};  // sequence number of the entity before this step
  // step_store::generation() of what it was decided on; unset: nothing that was loaded.
  std::optional<std::uint64_t> generation;
  std::string trace_parent;  // W3C traceparent of the command; empty when it had none
  std::vector<new_event> events;
  std::optional<new_snapshot> snapshot;  // of an event sourced entity
  timestamp expires = timestamp::max();  // of a key-value entity: when its state ends
  std::optional<idempotency_key> key;    // set together with `reply`
  recorded_reply reply;
  std::shared_ptr<mail_effects> mail;  // null: none. The store fills in where it put it
  // True once a step has failed that this one was decided after: group_commit gives it to no store,
  // where its numbers might fit. Null: none can.
  std::shared_ptr<const std::atomic<bool>> is_void;

  sequence_nr last() const { return expected + events.size(); }
};

// About how many bytes a step holds; what step_bytes_max bounds.
std::size_t bytes_of(const step& s);

// One stored event, as read back.
struct stored_event {
  entity_key entity;
  sequence_nr sequence{};
  log_offset offset{};  // in the log of the entity's shard
  hybrid_time time;
  region_id region{};
  std::string trace_parent;
  std::string type;  // empty: the deletion of the entity
  std::string payload;
  perdure::metadata metadata = {};
  // There is no payload any more: a later state of a key-value entity has replaced it, or the
  // entity was deleted and its content has been dropped.
  bool superseded = false;

  bool is_deletion() const { return type.empty(); }
};

// The state of an entity as it stands in the store.
struct stored_snapshot {
  sequence_nr sequence{};  // of the last event it holds
  std::string state_type;  // empty: the entity was deleted with that event, its state is empty
  std::string payload;
  timestamp expires = timestamp::max();  // of a key-value entity

  bool is_deletion() const { return state_type.empty(); }
};

// About how many bytes a stored event holds; what bounds a page of a log.
std::size_t bytes_of(const stored_event& e);

// All that recovery needs: the last snapshot, if any, and the events after it, in order. A
// key-value entity has its state as snapshot, and no events.
struct history {
  std::optional<stored_snapshot> snapshot;
  std::vector<stored_event> events;
  // The last mail that a step has handled, of a store with an outbox; else 0.
  mail_position handled{};
};

}  // namespace perdure::persistence
