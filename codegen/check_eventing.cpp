// Checks of eventing, rpc by rpc: who may take in and publish, and that it is said in full. What
// the rpcs of one source must agree on is looked at in check_subscription.cpp.

#include "codegen/checks.hpp"
#include "codegen/event_source.hpp"
#include "codegen/topic_name.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Where `in` or `out` of an rpc stands.
void error(const MethodDescriptor& rpc, int which, const std::string& text, diagnostics& errors) {
  auto place = method_option_path(rpc, MethodOptions::kEventingFieldNumber);
  place.push_back(which);
  errors.error(*rpc.service()->file(), place, "rpc " + rpc.name() + ": " + text);
}
void in_error(const MethodDescriptor& rpc, const std::string& text, diagnostics& errors) {
  error(rpc, Eventing::kInFieldNumber, "eventing.in" + text, errors);
}
void out_error(const MethodDescriptor& rpc, const std::string& text, diagnostics& errors) {
  error(rpc, Eventing::kOutFieldNumber, "eventing.out" + text, errors);
}
void error(const ServiceDescriptor& service, const std::string& text, diagnostics& errors) {
  errors.error(*service.file(), service_option_path(service, ServiceOptions::kEventingFieldNumber),
               "service " + service.name() + ": " + text);
}

// ----------------------------------------------------------------------------------------- sources

void check_source(const MethodDescriptor& rpc, const EventSource& in, diagnostics& errors) {
  auto check_name = [&](const std::string& attribute, const std::string& name,
                        const std::string& wrong) {
    if (!wrong.empty()) in_error(rpc, "." + attribute + ": \"" + name + "\" " + wrong, errors);
  };
  auto check_part = [&](const std::string& attribute, const std::string& name) {
    check_name(attribute, name, wrong_with_part_of_topic(name));
  };
  switch (in.source_case()) {
    case EventSource::kTopic:
      check_name("topic", in.topic(), wrong_with_topic(in.topic()));
      break;
    case EventSource::kDirect:
      check_part("direct.service", in.direct().service());
      check_part("direct.event_stream_id", in.direct().event_stream_id());
      break;
    case EventSource::SOURCE_NOT_SET:
      in_error(rpc, " names no source; write topic, event_sourced_entity, value_entity or direct",
               errors);
      break;
    default:  // an entity is looked for in check_subscription.cpp
      break;
  }
  if (!in.consumer_group().empty()) check_part("consumer_group", in.consumer_group());
  if (!EventSource::Start_IsValid(in.start())) {
    in_error(rpc,
             ".start: " + std::to_string(in.start()) + " is no start; write EARLIEST or LATEST",
             errors);
  }
}

void check_taken(const MethodDescriptor& rpc, const EventSource& in, diagnostics& errors) {
  if (rpc.client_streaming() || rpc.server_streaming()) {
    in_error(rpc, ": messages are handed over one by one; remove \"stream\"", errors);
  }
  const auto& request = *rpc.input_type();
  if (in.handle_deletes() && !is_empty(request)) {
    in_error(rpc,
             ".handle_deletes: a deletion has no content, so that the request must be "
             "google.protobuf.Empty, not " +
                 request.full_name(),
             errors);
  }
  if (!in.handle_deletes() && is_empty(request)) {
    in_error(rpc,
             ": google.protobuf.Empty is no message that comes; to be told of deletions write "
             "handle_deletes: true",
             errors);
  }
}

// --------------------------------------------------------------------------------------
// destinations

void check_destination(const MethodDescriptor& rpc, const EventDestination& out,
                       diagnostics& errors) {
  auto check_name = [&](const std::string& attribute, const std::string& name,
                        const std::string& wrong) {
    if (!wrong.empty()) out_error(rpc, "." + attribute + ": \"" + name + "\" " + wrong, errors);
  };
  auto check_part = [&](const std::string& attribute, const std::string& name) {
    check_name(attribute, name, wrong_with_part_of_topic(name));
  };
  switch (out.destination_case()) {
    case EventDestination::kTopic:
      check_name("topic", out.topic(), wrong_with_topic(out.topic()));
      break;
    case EventDestination::kDirect:
      check_part("direct.event_stream_id", out.direct().event_stream_id());
      break;
    case EventDestination::DESTINATION_NOT_SET:
      out_error(rpc, " names no destination; write topic or direct", errors);
      break;
  }
}

void check_published(const MethodDescriptor& rpc, const EventDestination& out,
                     diagnostics& errors) {
  if (is_empty(*rpc.output_type())) {
    out_error(rpc,
              ": the reply is google.protobuf.Empty, so there is nothing to publish; return "
              "the message that is to be published, or remove it",
              errors);
  }
  const auto* in = source_of(rpc);
  if (in == nullptr) return;
  if (in->ignore()) {
    out_error(rpc, ": a message that is ignored has no reply to publish; remove it, or ignore",
              errors);
  }
  if (in->has_topic() && out.has_topic() && in->topic() == out.topic()) {
    out_error(rpc,
              ".topic: \"" + out.topic() +
                  "\" is what the rpc takes its messages from, so that they would go round for "
                  "ever; publish to another topic",
              errors);
  }
}

// ------------------------------------------------------------------------------------------ levels

// What holds for all rpcs of an action or a view.
void check_service_in(const ServiceDescriptor& service, diagnostics& errors) {
  const auto& eventing = service.options().GetExtension(perdure::service).eventing();
  if (!eventing.has_in()) return;
  auto rest = eventing.in();
  rest.clear_ignore_unknown();
  if (rest.ByteSizeLong() > 0) {
    error(service,
          "eventing.in: of a service it says ignore_unknown and nothing else; put the rest on the "
          "rpcs",
          errors);
  } else if (subscriptions_of(service).empty()) {
    error(service, "eventing.in: none of its rpcs takes in messages; remove it", errors);
  }
}

void check_rpc_of_action(const MethodDescriptor& rpc, diagnostics& errors) {
  const auto& eventing = rpc.options().GetExtension(perdure::method).eventing();
  if (eventing.has_in()) {
    check_source(rpc, eventing.in(), errors);
    check_taken(rpc, eventing.in(), errors);
  }
  if (eventing.has_out()) {
    check_destination(rpc, eventing.out(), errors);
    check_published(rpc, eventing.out(), errors);
  }
}

void check_action(const ServiceDescriptor& service, diagnostics& errors) {
  const auto& eventing = service.options().GetExtension(perdure::service).eventing();
  if (eventing.has_out()) {
    error(service, "eventing.out: an action publishes the replies of its rpcs; put it on the rpc",
          errors);
  }
  for (const auto* rpc : rpcs_of(service)) check_rpc_of_action(*rpc, errors);
  check_service_in(service, errors);
}

// The names; the rest is looked at with the view (check_view_plan.cpp).
void check_view(const ServiceDescriptor& service, diagnostics& errors) {
  for (const auto* rpc : rpcs_of(service)) {
    if (const auto* in = source_of(*rpc)) check_source(*rpc, *in, errors);
  }
  check_service_in(service, errors);
}

void check_entity(const ServiceDescriptor& service, diagnostics& errors) {
  const auto& eventing = service.options().GetExtension(perdure::service).eventing();
  if (eventing.has_in()) {
    error(service,
          "eventing.in: an entity takes in no messages; have an action take them in and send "
          "commands",
          errors);
  }
  if (!eventing.has_out()) return;
  const auto& out = eventing.out();
  if (!out.has_topic()) {
    error(service, "eventing.out: an entity publishes to a topic; write out: {topic: \"...\"}",
          errors);
  } else if (auto wrong = wrong_with_topic(out.topic()); !wrong.empty()) {
    error(service, "eventing.out.topic: \"" + out.topic() + "\" " + wrong, errors);
  }
}

void check_rpc_of_others(const MethodDescriptor& rpc, bool is_entity, diagnostics& errors) {
  if (!rpc.options().GetExtension(perdure::method).has_eventing()) return;
  const auto& service = rpc.service()->name();
  errors.error(*rpc.service()->file(), method_option_path(rpc, MethodOptions::kEventingFieldNumber),
               "rpc " + rpc.name() + ": eventing is for rpcs of actions and views, and service " +
                   service +
                   (is_entity ? " is an entity's; remove it, and to publish what happens to the "
                                "entity write eventing.out in (perdure.service)"
                              : " is neither; write option (perdure.service).type = "
                                "SERVICE_TYPE_ACTION, or remove it"));
}

}  // namespace

void check_eventing(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.files) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      if (model.is_action(service)) {
        check_action(service, errors);
        continue;
      }
      if (model.is_view(service)) {
        check_view(service, errors);
        continue;
      }
      bool is_entity = model.is_of_entity(service);
      if (is_entity) check_entity(service, errors);
      for (int j = 0; j < service.method_count(); ++j) {
        check_rpc_of_others(*service.method(j), is_entity, errors);
      }
    }
  }
}

}  // namespace perdure::codegen
