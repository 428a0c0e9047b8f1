// Command path: read once at start from the descriptors of the components, and from then on only
// looked up, by gRPC and by HTTP.

#include "gateway/service_catalog.hpp"

#include <google/protobuf/message.h>

#include <functional>
#include <map>

#include "actors/action_type.hpp"
#include "base/check.hpp"
#include "base/entity_id.hpp"
#include "perdure/annotations.pb.h"
#include "perdure/commands.pb.h"

namespace perdure::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

status refused(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

// The compiled message, or null for one that only exists as a descriptor.
const google::protobuf::Message* prototype_of(const Descriptor* type) {
  return google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
}

// Why the request's key fields do not fit how the method gets the id of its entity, or ok.
status check_key(const entity_model& model, const served_method& method) {
  const auto& name = method.method->full_name();
  const auto& request = method.method->input_type()->full_name();
  const auto& options = method.method->options().GetExtension(perdure::method);
  if (!options.has_id_generator()) {
    if (!method.key_fields.empty()) return {};
    return refused(name + " is an rpc of entity " + model.component + ", but its request " +
                   request + " has no key: mark the field that names the entity with " +
                   "[(perdure.field).entity_key = true]");
  }
  if (options.id_generator().algorithm() != IdGenerator::VERSION_4_UUID) {
    return refused(name + " has an id_generator without an algorithm: write " +
                   "{algorithm: VERSION_4_UUID}");
  }
  if (method.key_fields.empty()) return {};
  return refused(name + " has an id_generator, so the id of its entity is generated, but its " +
                 "request " + request + " has the key field " + method.key_fields[0]->name() +
                 ": remove id_generator, or the field's entity_key");
}

served_method bare(const MethodDescriptor* method) {
  return {method, {}, {}, prototype_of(method->input_type()), prototype_of(method->output_type())};
}

status check_compiled(const served_method& made) {
  if (made.request && made.reply) return {};
  const auto* missing = made.request ? made.method->output_type() : made.method->input_type();
  return refused(made.method->full_name() + ": message " + missing->full_name() +
                 " is not compiled into this process: link the code that protoc generates for " +
                 missing->file()->name());
}

result<served_method> served(const entity_model& model, const MethodDescriptor* method) {
  const auto& name = method->full_name();
  if (method->client_streaming() || method->server_streaming()) {
    return refused(name + " streams, but an rpc of an entity takes one request and gives one " +
                   "reply: remove \"stream\", component " + model.component + " serves it");
  }
  auto made = bare(method);
  made.of = served_method::owner::entity;
  made.target_type = model.entity_type;
  made.key_fields = entity_key_fields(*method->input_type());
  made.durable_mailbox = method->options().GetExtension(perdure::method).mailbox() == DURABLE;
  if (auto s = check_key(model, made); !s.ok()) return s;
  if (auto s = check_compiled(made); !s.ok()) return s;
  return made;
}

result<served_method> served(const action_model& model, const MethodDescriptor* method) {
  auto made = bare(method);
  made.of = served_method::owner::action;
  made.target_type = actors::mailbox_type(model.service->full_name());
  if (auto s = check_compiled(made); !s.ok()) return s;
  return made;
}

result<served_method> served(const view_model&, const MethodDescriptor* query) {
  auto made = bare(query);
  made.of = served_method::owner::view;
  if (auto s = check_compiled(made); !s.ok()) return s;
  return made;
}

// Says only that some messages are of no interest: nobody has a handler for it.
bool is_ignored(const MethodDescriptor* method) {
  return method->options().GetExtension(perdure::method).eventing().in().ignore();
}

// The others bring rows.
bool is_query(const MethodDescriptor* method) {
  return method->options().GetExtension(perdure::method).view().has_query();
}

}  // namespace

result<service_catalog> service_catalog::of(std::span<const entity_model> entities,
                                            std::span<const action_model> actions,
                                            std::span<const view_model> views) {
  service_catalog catalog;
  std::map<std::string, const entity_model*> by_type;
  std::map<const ServiceDescriptor*, std::string> by_service;  // what serves it
  auto claim = [&](const ServiceDescriptor* service, std::string by) -> status {
    if (auto [first, added] = by_service.emplace(service, by); !added) {
      return refused("service " + service->full_name() + " serves both " + first->second + " and " +
                     by +
                     ": a service serves one component and is added once, so give each its "
                     "own");
    }
    catalog.services_.push_back(service);
    return {};
  };
  for (const auto& model : entities) {
    if (auto [first, added] = by_type.emplace(model.entity_type, &model); !added) {
      return refused("entity type \"" + model.entity_type + "\" is there twice, as component " +
                     first->second->component + " served by " +
                     first->second->service->full_name() + " and as component " + model.component +
                     " served by " + model.service->full_name() +
                     ": give each its own entity_type and add each only once");
    }
    if (auto s = claim(model.service, "component " + model.component); !s.ok()) return s;
    for (int i = 0; i < model.service->method_count(); ++i) {
      auto made = served(model, model.service->method(i));
      if (!made) return made.error();
      catalog.add(*std::move(made));
    }
  }
  auto add_called = [&](const auto& models, const char* what, auto is_called) -> status {
    for (const auto& model : models) {
      if (auto s = claim(model.service, what); !s.ok()) return s;
      for (int i = 0; i < model.service->method_count(); ++i) {
        if (!is_called(model.service->method(i))) continue;
        auto made = served(model, model.service->method(i));
        if (!made) return made.error();
        catalog.add(*std::move(made));
      }
    }
    return {};
  };
  if (auto s = add_called(actions, "an action", std::not_fn(is_ignored)); !s.ok()) return s;
  if (auto s = add_called(views, "a view", is_query); !s.ok()) return s;
  catalog.add(v1::Command::descriptor()->file()->service(0));
  return catalog;
}

service_catalog service_catalog::of_runtime(std::span<const ServiceDescriptor* const> services) {
  service_catalog catalog;
  for (const auto* service : services) catalog.add(service);
  return catalog;
}

void service_catalog::add(const ServiceDescriptor* ours) {
  services_.push_back(ours);
  for (int i = 0; i < ours->method_count(); ++i) {
    auto made = bare(ours->method(i));
    PERDURE_CHECK(made.request && made.reply);
    add(std::move(made));
  }
}

void service_catalog::add(served_method made) {
  const auto* method = made.method;
  by_path_.emplace("/" + method->service()->full_name() + "/" + method->name(), methods_.size());
  methods_.push_back(std::move(made));
}

const served_method* service_catalog::find(std::string_view path) const {
  auto found = by_path_.find(std::string(path));
  return found == by_path_.end() ? nullptr : &methods_[found->second];
}

}  // namespace perdure::gateway
