#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <string>
#include <vector>

#include "actors/action_type.hpp"
#include "perdure/status.hpp"

// What an action's service subscribes to, read from its descriptors. The rpcs that name the same
// source are one subscription.

namespace perdure::actors {

struct subscription_plan {
  enum class source_kind { topic, event_sourced_entity, value_entity };

  struct taker {
    std::size_t method;  // index in the service
    const google::protobuf::MethodDescriptor* descriptor;
    bool ignores;          // takes its messages in without being called
    bool handles_deletes;  // is told that a subject was deleted
  };

  // "flights.api.Alerts/topic/flights": of its cursor, for ever. Whoever renames it starts over.
  std::string name;
  source_kind kind = source_kind::topic;
  std::string source;  // name of the topic, or of the type of entity
  bool from_end = false;
  bool ignores_unknown = false;
  std::vector<taker> takers;

  std::string description() const;  // "topic flights"
};

// In the order of the rpcs. What the generator has checked is taken as it is.
std::vector<subscription_plan> plans_of(const action_type& type);

}  // namespace perdure::actors
