#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"

// One request to one entity, on its way from the gateway or out of a mailbox, and what comes back.

namespace perdure::actors {

struct outcome {
  status result;
  std::string reply;  // the reply's encoded protobuf; empty unless result is ok
  // Of a command that came by mail: it has been handled, for good. Else it still stands in the
  // mailbox, whatever the result.
  bool left_mailbox = false;
  bool was_forwarded = false;  // by mail: its outcome is still to come, from another entity
  // Of one that is ok: how far the logs had grown that the command may have added to, as
  // encode_positions() writes it. Empty where no view of this process follows them.
  std::string positions = {};
};

// Of what comes, or still waits, while the process ends.
inline status shutting_down() {
  return {status_code::unavailable, "the service is shutting down; retry later"};
}

// Called exactly once, from any thread. Quick, and never throws.
using reply_to = std::function<void(outcome)>;

// How a command reaches its entity.
enum class delivery : std::uint8_t {
  direct,   // at once; replied with its outcome
  mailbox,  // by the entity's durable mailbox; replied with its outcome
  sent,     // by the entity's durable mailbox; replied once it stands there, with an empty reply
};

// Where in its entity's mailbox a command stands.
struct mail_slip {
  mail_position position;
  // Grows whenever delivery to the entity begins anew, as after something that was not handled. An
  // entity that could
  // not handle one refuses what is left of the same round: nothing may overtake it.
  std::uint64_t round = 0;
};

struct command {
  entity_key target;                                   // a known type, a checked id
  const google::protobuf::MethodDescriptor* method;    // of the service that serves the type
  std::unique_ptr<google::protobuf::Message> request;  // of the method's input type
  std::size_t request_bytes = 0;                       // encoded; what the limits count
  perdure::metadata metadata;                          // the caller's
  std::string idempotency_key;                         // empty: none
  delivery way = delivery::direct;
  // Of one that goes by the mailbox: the name under which its outcome is recorded. May be empty
  // when it was sent by an entity.
  std::string command_id;
  std::uint32_t hops = 0;                              // how often it has been forwarded
  std::optional<mail_slip> mail;                       // of one that has come by the mailbox
  timestamp deadline = timestamp::max();               // past it, it is not begun any more
  std::shared_ptr<const std::atomic<bool>> cancelled;  // true once the caller is gone; may be null

  // Called exactly once, from any thread, once the outcome is durable.
  reply_to reply;
};

// What is known of a command that went by the mailbox.
struct command_status {
  entity_key target;
  const google::protobuf::MethodDescriptor* method;  // null: this service has it no more
  bool done = false;
  outcome ended;  // once done
};

}  // namespace perdure::actors
