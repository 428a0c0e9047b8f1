#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

// A step: the durable form of one handled command, and the unit of atomicity. Values only; what
// they look like as bytes is the adapter's business (docs/formats.md).

namespace perdure::persistence {

// One event to be stored.
struct new_event {
  std::string type;     // full name of its message: "cart.domain.ItemAdded"
  std::string payload;  // its encoded protobuf
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
};

struct step {
  entity_key entity;
  epoch shard_epoch{};
  region_id region{};
  hybrid_time time;        // when it was taken
  sequence_nr expected{};  // sequence number of the entity before this step
  // step_store::generation() of what it was decided on; unset: nothing that was loaded.
  std::optional<std::uint64_t> generation;
  std::string trace_parent;  // W3C traceparent of the command; empty when it had none
  std::vector<new_event> events;
  std::optional<new_snapshot> snapshot;
  std::optional<idempotency_key> key;  // set together with `reply`
  recorded_reply reply;

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
  std::string type;
  std::string payload;
};

struct stored_snapshot {
  sequence_nr sequence{};  // of the last event it holds
  std::string state_type;
  std::string payload;
};

// About how many bytes a stored event holds; what bounds a page of a log.
std::size_t bytes_of(const stored_event& e);

// All that recovery needs: the last snapshot, if any, and the events after it, in order.
struct history {
  std::optional<stored_snapshot> snapshot;
  std::vector<stored_event> events;
};

}  // namespace perdure::persistence
