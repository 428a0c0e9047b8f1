// Checks of what the rpcs of an action or a view say together about a source: each message that may
// come has one rpc, of a view at least one, or is said to be of no interest. Else it would stop at
// run time.

#include <algorithm>
#include <map>
#include <set>

#include "base/suggest.hpp"
#include "codegen/checks.hpp"
#include "codegen/event_source.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

using messages = std::vector<const Descriptor*>;

void error(const MethodDescriptor& rpc, const std::string& text, diagnostics& errors) {
  auto place = method_option_path(rpc, MethodOptions::kEventingFieldNumber);
  place.push_back(Eventing::kInFieldNumber);
  errors.error(*rpc.service()->file(), place, "rpc " + rpc.name() + ": eventing.in" + text);
}

bool is_event_sourced(const EventSource& in) { return in.has_event_sourced_entity(); }

// What an entity tells its subscribers. Null entries are names that are errors of their own.
messages told_by(const component& c) {
  return c.kind == component_kind::event_sourced ? c.events : messages{c.state};
}

// The entity that a subscription names; null, and an error, where there is none.
const component* find_entity(const service_model& model, const subscription& s,
                             diagnostics& errors) {
  const auto& in = s.front();
  const std::string attribute = is_event_sourced(in) ? "event_sourced_entity" : "value_entity";
  const auto& type = is_event_sourced(in) ? in.event_sourced_entity() : in.value_entity();
  auto found = std::ranges::find(model.components, type, &component::entity_type);
  if (found == model.components.end()) {
    std::vector<std::string> known;
    for (const auto& c : model.components) known.push_back(c.entity_type);
    auto hint = did_you_mean(type, known);
    if (hint.empty()) hint = "; give protoc the file that declares it, too";
    error(*s.rpcs.front(),
          "." + attribute + ": \"" + type +
              "\" is not the entity_type of an entity of the .proto files given" + hint,
          errors);
    return nullptr;
  }
  bool is_of_events = found->kind == component_kind::event_sourced;
  if (is_of_events != is_event_sourced(in)) {
    error(*s.rpcs.front(),
          "." + attribute + ": " + found->full_name + " is " +
              (is_of_events ? "event sourced; write event_sourced_entity: \""
                            : "a key-value entity; write value_entity: \"") +
              type + "\"",
          errors);
    return nullptr;
  }
  return &*found;
}

// The requests must be what the entity tells.
void check_requests(const subscription& s, const component& entity, diagnostics& errors) {
  auto told = told_by(entity);
  std::vector<std::string> names;
  for (const auto* message : told) {
    if (message == nullptr) return;
    names.push_back(message->full_name());
  }
  for (const auto* rpc : s.rpcs) {
    const auto* request = rpc->input_type();
    if (source_of(*rpc)->handle_deletes()) continue;
    if (std::ranges::find(told, request) != told.end()) continue;
    bool has_events = entity.kind == component_kind::event_sourced;
    error(*rpc,
          ": its request " + request->full_name() + " is not " +
              (has_events ? "an event" : "the state") + " of " + entity.full_name +
              (has_events ? did_you_mean(request->full_name(), names) : ", " + names.front()),
          errors);
  }
}

// What is known to be published to the topic: by entities and actions of this run.
messages published_to(const service_model& model, const std::string& topic) {
  messages published;
  if (topic.empty()) return published;  // an error of its own
  for (const auto& s : model.services) {
    const auto& options = s.service->options().GetExtension(perdure::service);
    if (s.served == nullptr || options.eventing().out().topic() != topic) continue;
    auto told = told_by(*s.served);
    published.insert(published.end(), told.begin(), told.end());
  }
  for (const auto& s : model.actions) {
    for (int i = 0; i < s.service->method_count(); ++i) {
      const auto& rpc = *s.service->method(i);
      const auto& options = rpc.options().GetExtension(perdure::method);
      if (options.eventing().out().topic() == topic) published.push_back(rpc.output_type());
    }
  }
  return published;
}

void check_complete(const subscription& s, const messages& told, diagnostics& errors) {
  if (s.ignores_unknown) return;
  std::set<const Descriptor*> taken{nullptr};
  for (const auto* rpc : s.rpcs) {
    if (!source_of(*rpc)->handle_deletes()) taken.insert(rpc->input_type());
  }
  std::string missing;
  for (const auto* message : told) {
    if (!taken.insert(message).second) continue;
    missing += (missing.empty() ? "" : ", ") + message->full_name();
  }
  if (missing.empty()) return;
  error(*s.rpcs.front(),
        ": no rpc takes " + missing + " from " + s.source +
            "; add an rpc for each (with ignore: true where it is of no interest), or write "
            "ignore_unknown: true",
        errors);
}

// A message goes to one rpc.
void check_distinct(const subscription& s, diagnostics& errors) {
  std::map<std::string, const MethodDescriptor*> by_message;
  for (const auto* rpc : s.rpcs) {
    auto what =
        source_of(*rpc)->handle_deletes() ? "the deletions" : rpc->input_type()->full_name();
    auto [other, is_new] = by_message.emplace(what, rpc);
    if (is_new) continue;
    error(*rpc,
          ": takes " + what + " from " + s.source + ", as does rpc " + other->second->name() +
              "; each goes to one rpc: remove one of them",
          errors);
  }
}

std::string start_of(const EventSource& in) {
  return in.start() == EventSource::LATEST ? "LATEST" : "EARLIEST";
}

// They are one reader, with one name and one beginning. A view's has no name to choose.
void check_agreeing(const subscription& s, bool is_view, diagnostics& errors) {
  const auto& first = s.front();
  auto quoted = [](const std::string& name) { return name.empty() ? "none" : "\"" + name + "\""; };
  for (const auto* rpc : s.rpcs) {
    const auto& in = *source_of(*rpc);
    auto beside = ", but that of rpc " + s.rpcs.front()->name() + " is ";
    auto why = ", and the rpcs of " + s.source + " are one subscription; say the same in each";
    if (!is_view && in.consumer_group() != first.consumer_group()) {
      error(*rpc,
            ".consumer_group: is " + quoted(in.consumer_group()) + beside +
                quoted(first.consumer_group()) + why,
            errors);
    }
    if (start_of(in) != start_of(first)) {
      error(*rpc, ".start: is " + start_of(in) + beside + start_of(first) + why, errors);
    }
  }
}

// Two services that go by one name would have one cursor. Reported at the later of the two.
void check_unique(const service_model& model, diagnostics& errors) {
  std::map<std::string, const ServiceDescriptor*> by_name;
  for (const auto& action : model.actions) {
    for (const auto& s : subscriptions_of(*action.service)) {
      const auto& group = s.front().consumer_group();
      auto name = (group.empty() ? action.service->full_name() : group) + "/" + s.source;
      auto [other, is_new] = by_name.emplace(name, action.service);
      if (is_new || !model.is_written(*action.service->file())) continue;
      error(*s.rpcs.front(),
            ".consumer_group: \"" + group + "\" reads " + s.source + " for " +
                other->second->full_name() + " (" + other->second->file()->name() +
                ") already; give each service a consumer_group of its own, or none",
            errors);
    }
  }
}

// What goes where is looked at with the view: a message may go into several of its tables.
void check_one(const service_model& model, const subscription& s, diagnostics& errors) {
  bool is_view = model.is_view(*s.rpcs.front()->service());
  if (!is_view) check_distinct(s, errors);
  check_agreeing(s, is_view, errors);
  const auto& in = s.front();
  if (in.has_topic()) return check_complete(s, published_to(model, in.topic()), errors);
  if (in.has_direct()) return;  // of another service
  const auto* entity = find_entity(model, s, errors);
  if (entity == nullptr) return;
  check_requests(s, *entity, errors);
  check_complete(s, told_by(*entity), errors);
}

}  // namespace

void check_subscriptions(const service_model& model, diagnostics& errors) {
  for (const auto* all : {&model.actions, &model.views}) {
    for (const auto& reader : *all) {
      if (!model.is_written(*reader.service->file())) continue;
      for (const auto& s : subscriptions_of(*reader.service)) check_one(model, s, errors);
    }
  }
  check_unique(model, errors);
}

}  // namespace perdure::codegen
