// Command path: read once at start from the descriptors of the entities, and from
// then on only looked up, by gRPC and by HTTP.

#include "gateway/service_catalog.hpp"

#include <google/protobuf/message.h>

#include <map>

#include "base/entity_id.hpp"

namespace perdure::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;

status refused(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

// The compiled message, or null for one that only exists as a descriptor.
const google::protobuf::Message* prototype_of(const Descriptor* type) {
  return google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
}

result<served_method> served(const entity_model& model, const MethodDescriptor* method) {
  const auto& name = method->full_name();
  if (method->client_streaming() || method->server_streaming()) {
    return refused(name + " streams, but an rpc of an entity takes one request and gives one " +
                   "reply: remove \"stream\", component " + model.component + " serves it");
  }
  served_method made{method, model.entity_type, entity_key_fields(*method->input_type()),
                     prototype_of(method->input_type()), prototype_of(method->output_type())};
  if (made.key_fields.empty()) {
    return refused(name + " is an rpc of entity " + model.component + ", but its request " +
                   method->input_type()->full_name() +
                   " has no key: mark the field that names the entity with "
                   "[(perdure.field).entity_key = true]");
  }
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
      const auto* method = made->method;
      catalog.by_path_.emplace("/" + method->service()->full_name() + "/" + method->name(),
                               catalog.methods_.size());
      catalog.methods_.push_back(*std::move(made));
    }
  }
  return catalog;
}

const served_method* service_catalog::find(std::string_view path) const {
  auto found = by_path_.find(std::string(path));
  return found == by_path_.end() ? nullptr : &methods_[found->second];
}

}  // namespace perdure::gateway
