// From the annotations of an action's rpcs to its subscriptions. The generator has checked that
// they fit together; used by actors/subscriptions.cpp at start.

#include "actors/subscription_plan.hpp"

#include <algorithm>

#include "perdure/annotations.pb.h"

namespace perdure::actors {
namespace {

subscription_plan plan_of(const EventSource& in, const std::string& service) {
  subscription_plan plan;
  plan.takers.source = pubsub::source_of(in);
  const auto& group = in.consumer_group().empty() ? service : in.consumer_group();
  plan.name = group + "/" + plan.source().path();
  return plan;
}

}  // namespace

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
    known->takers.ignores_unknown |=
        in.ignore_unknown() || of_service.eventing().in().ignore_unknown();
    known->takers.all.push_back({i, method, type.methods()[i].is_ignored, in.handle_deletes()});
  }
  return plans;
}

}  // namespace perdure::actors
