#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "perdure/annotations.pb.h"

// What the service of an action or a view takes in, as its rpcs say it.

namespace perdure::codegen {

// What an rpc takes its messages from; null when it takes in none.
const EventSource* source_of(const google::protobuf::MethodDescriptor& rpc);

// Whether the annotation names a source at all.
bool names_a_source(const EventSource& in);

// "topic flights", "event_sourced_entity aircraft", "direct shop/orders".
std::string text_of(const EventSource& in);

// The rpcs of one service that name the same source.
struct subscription {
  std::string source;  // as text_of() has it
  std::vector<const google::protobuf::MethodDescriptor*> rpcs;
  bool ignores_unknown;  // says one of them, or the service

  const EventSource& front() const { return *source_of(*rpcs.front()); }
};

// In the order of the rpcs. Those without a source, an error, are left out.
std::vector<subscription> subscriptions_of(const google::protobuf::ServiceDescriptor& service);

}  // namespace perdure::codegen
