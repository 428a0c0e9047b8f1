// Reads (perdure.method).eventing.in of a service's rpcs. Whether it makes sense is looked at
// after that (check_eventing.cpp, check_subscription.cpp).

#include "codegen/event_source.hpp"

#include <algorithm>

namespace perdure::codegen {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const EventSource* source_of(const MethodDescriptor& rpc) {
  const auto& options = rpc.options().GetExtension(perdure::method);
  return options.eventing().has_in() ? &options.eventing().in() : nullptr;
}

bool names_a_source(const EventSource& in) {
  return in.source_case() != EventSource::SOURCE_NOT_SET;
}

std::string text_of(const EventSource& in) {
  switch (in.source_case()) {
    case EventSource::kTopic:
      return "topic " + in.topic();
    case EventSource::kEventSourcedEntity:
      return "event_sourced_entity " + in.event_sourced_entity();
    case EventSource::kValueEntity:
      return "value_entity " + in.value_entity();
    case EventSource::kDirect:
      return "direct " + in.direct().service() + "/" + in.direct().event_stream_id();
    case EventSource::SOURCE_NOT_SET:
      break;
  }
  return "no source";
}

std::vector<subscription> subscriptions_of(const ServiceDescriptor& service) {
  bool ignores_unknown =
      service.options().GetExtension(perdure::service).eventing().in().ignore_unknown();
  std::vector<subscription> all;
  for (int i = 0; i < service.method_count(); ++i) {
    const auto* in = source_of(*service.method(i));
    if (in == nullptr || !names_a_source(*in)) continue;
    auto known = std::ranges::find(all, text_of(*in), &subscription::source);
    if (known == all.end()) known = all.insert(known, {text_of(*in), {}, ignores_unknown});
    known->rpcs.push_back(service.method(i));
    known->ignores_unknown |= in->ignore_unknown();
  }
  return all;
}

}  // namespace perdure::codegen
