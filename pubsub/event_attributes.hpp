#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "perdure/metadata.hpp"

namespace perdure::pubsub {

// What a reader makes of a record. Every attribute may be missing: foreign writers need not know of
// CloudEvents.
struct cloud_event {
  std::string id;
  std::string source;
  std::string type;          // full name of the message, without what stands before the last '/'
  std::string subject;       // else the record's key
  std::string content_type;  // without parameters, in lower case; empty: not told
  std::optional<std::uint64_t> sequence;
  std::optional<timestamp> time;  // else the record's
  std::string trace_parent;
  std::optional<std::string> payload;  // nullopt: a tombstone
  perdure::metadata metadata;          // the headers that are no attribute
};

}  // namespace perdure::pubsub
