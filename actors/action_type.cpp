// An action as the actors use it, read once from its descriptors. What the generator has checked is
// taken as it is.

#include "actors/action_type.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/check.hpp"
#include "perdure/annotations.pb.h"
#include "pubsub/message_source.hpp"

namespace perdure::actors {
namespace {

constexpr std::string_view type_prefix = "perdure.action/";

action_type::method read(const google::protobuf::MethodDescriptor& descriptor,
                         const std::string& service_name) {
  const auto& options = descriptor.options().GetExtension(perdure::method);
  const auto& out = options.eventing().out();
  action_type::method read;
  read.descriptor = &descriptor;
  read.is_ignored = options.eventing().in().ignore();
  if (out.has_direct()) {
    read.out_topic = pubsub::direct_topic(service_name, out.direct().event_stream_id());
  } else {
    read.out_topic = out.topic();
  }
  read.runs_at_start = options.trigger().on() == Trigger::STARTUP;
  read.retries_max = static_cast<std::uint32_t>(std::max(options.trigger().max_retries(), 0));
  return read;
}

}  // namespace

action_type::action_type(action_model model) : model_(std::move(model)) {
  PERDURE_CHECK(model_.service && model_.create);
  for (int i = 0; i < model_.service->method_count(); ++i) {
    methods_.push_back(read(*model_.service->method(i), model_.service_name));
  }
  for (const auto& name :
       model_.service->options().GetExtension(perdure::service).forward_headers()) {
    forwarded_headers_.push_back(lower_case(name));
  }
}

entity_key action_type::key(std::string id) const { return {mailbox_type(name()), std::move(id)}; }

std::string mailbox_type(const std::string& service) { return std::string(type_prefix) + service; }

bool is_of_action(const std::string& entity_type) { return entity_type.starts_with(type_prefix); }

}  // namespace perdure::actors
