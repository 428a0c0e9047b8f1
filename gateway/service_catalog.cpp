// Command path: read once at start from the descriptors of the entities, and from
// then on only looked up, by gRPC and by HTTP.

#include "gateway/service_catalog.hpp"

#include <google/protobuf/message.h>

#include <map>

#include "base/entity_id.hpp"
#include "perdure/annotations.pb.h"
#include "perdure/commands.pb.h"

namespace perdure::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;

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

result<served_method> served(const entity_model& model, const MethodDescriptor* method) {
  const auto& name = method->full_name();
  if (method->client_streaming() || method->server_streaming()) {
    return refused(name + " streams, but an rpc of an entity takes one request and gives one " +
                   "reply: remove \"stream\", component " + model.component + " serves it");
  }
  served_method made{method, model.entity_type, entity_key_fields(*method->input_type()),
                     prototype_of(method->input_type()), prototype_of(method->output_type())};
  made.durable_mailbox = method->options().GetExtension(perdure::method).mailbox() == DURABLE;
  if (auto s = check_key(model, made); !s.ok()) return s;
  if (!made.request || !made.reply) {
    const auto* missing = made.request ? method->output_type() : method->input_type();
    return refused(name + ": message " + missing->full_name() +
                   " is not compiled into this process: link the code that protoc generates for " +
                   missing->file()->name());
  }
  return made;
}

}  // namespace

result<service_catalog> service_catalog::of(std::span<const entity_model> models) {
  service_catalog catalog;
  std::map<std::string, const entity_model*> by_type;
  std::map<const google::protobuf::ServiceDescriptor*, const entity_model*> by_service;
  for (const auto& model : models) {
    if (auto [first, added] = by_type.emplace(model.entity_type, &model); !added) {
      return refused("entity type \"" + model.entity_type + "\" is there twice, as component " +
                     first->second->component + " served by " +
                     first->second->service->full_name() + " and as component " + model.component +
                     " served by " + model.service->full_name() +
                     ": give each its own entity_type and add each only once");
    }
    if (auto [first, added] = by_service.emplace(model.service, &model); !added) {
      return refused("service " + model.service->full_name() + " serves both component " +
                     first->second->component + " and component " + model.component +
                     ": a service serves one component, so give each its own");
    }
    catalog.services_.push_back(model.service);
    for (int i = 0; i < model.service->method_count(); ++i) {
      auto made = served(model, model.service->method(i));
      if (!made) return made.error();
      catalog.add(*std::move(made));
    }
  }
  const auto* ours = v1::Command::descriptor()->file()->service(0);
  catalog.services_.push_back(ours);
  catalog.add({ours->method(0),
               {},
               {},
               &v1::GetCommandRequest::default_instance(),
               &v1::Command::default_instance()});
  return catalog;
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
