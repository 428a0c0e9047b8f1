// From the annotations of an action's rpcs to its subscriptions. The generator has checked that
// they fit together; used by actors/subscriptions.cpp at start.

#include "actors/subscription_plan.hpp"

#include <algorithm>

#include "perdure/annotations.pb.h"
#include "pubsub/message_source.hpp"

namespace perdure::actors {
namespace {

using kind = subscription_plan::source_kind;

std::string_view word_of(kind k) {
  switch (k) {
    case kind::event_sourced_entity:
      return "event_sourced_entity";
    case kind::value_entity:
      return "value_entity";
    case kind::topic:
      break;
  }
  return "topic";
}

subscription_plan plan_of(const EventSource& in, const std::string& service) {
  subscription_plan plan;
  switch (in.source_case()) {
    case EventSource::kEventSourcedEntity:
      plan.kind = kind::event_sourced_entity;
      plan.source = in.event_sourced_entity();
      break;
    case EventSource::kValueEntity:
      plan.kind = kind::value_entity;
      plan.source = in.value_entity();
      break;
    case EventSource::kDirect:
      plan.source = pubsub::direct_topic(in.direct().service(), in.direct().event_stream_id());
      break;
    default:
      plan.source = in.topic();
  }
  const auto& group = in.consumer_group().empty() ? service : in.consumer_group();
  plan.name = group + "/" + std::string(word_of(plan.kind)) + "/" + plan.source;
  return plan;
}

}  // namespace

std::string subscription_plan::description() const {
  return std::string(word_of(kind)) + " " + source;
}

std::vector<subscription_plan> plans_of(const action_type& type) {
  std::vector<subscription_plan> plans;
  const auto& of_service = type.model().service->options().GetExtension(perdure::service);
  for (std::size_t i = 0; i < type.methods().size(); ++i) {
    const auto* method = type.methods()[i].descriptor;
    const auto& options = method->options().GetExtension(perdure::method);
    if (!options.eventing().has_in()) continue;
    const auto& in = options.eventing().in();
    auto made = plan_of(in, type.name());
    auto known = std::ranges::find(plans, made.name, &subscription_plan::name);
    if (known == plans.end()) known = plans.insert(known, std::move(made));
    known->from_end |= in.start() == EventSource::LATEST;
    known->ignores_unknown |= in.ignore_unknown() || of_service.eventing().in().ignore_unknown();
    known->takers.push_back({i, method, type.methods()[i].is_ignored, in.handle_deletes()});
  }
  return plans;
}

}  // namespace perdure::actors
