// Which entity or action serves which rpc, read once from the models, for what they send each
// other.

#include "actors/entity_directory.hpp"

#include <google/protobuf/message.h>

#include <utility>

#include "actors/expiry.hpp"
#include "base/check.hpp"
#include "base/entity_id.hpp"
#include "base/utf8.hpp"
#include "base/uuid.hpp"
#include "perdure/annotations.pb.h"

namespace perdure::actors {
namespace {

status not_served(const std::string& method) {
  return {status_code::failed_precondition,
          "no component of this process serves " + method + "; add it to the service"};
}

status not_served(const persistence::new_mail& mail) {
  return {status_code::failed_precondition, "no component of this process serves " + mail.method +
                                                " for " + to_string(mail.target) +
                                                "; run the version of the service that did"};
}

std::unique_ptr<google::protobuf::Message> new_request(
    const google::protobuf::MethodDescriptor& method) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  return std::unique_ptr<google::protobuf::Message>(
      factory->GetPrototype(method.input_type())->New());
}

delivery way_of(const google::protobuf::MethodDescriptor& method) {
  bool is_durable = method.options().GetExtension(perdure::method).mailbox() == DURABLE;
  return is_durable ? delivery::mailbox : delivery::direct;
}

}  // namespace

entity_directory::entity_directory(std::span<const entity_model> models, const limits& bounds,
                                   std::span<const action_model> actions)
    : bounds_(bounds) {
  for (const auto& model : models) add(model);
  for (const auto& model : actions) add(model);
}

void entity_directory::add(const entity_model& model) {
  auto type = std::make_shared<const entity_type>(model);
  PERDURE_CHECK(types_.emplace(model.entity_type, type).second);
  for (int i = 0; i < model.service->method_count(); ++i) {
    const auto* method = model.service->method(i);
    methods_[method->full_name()] = {method, model.entity_type, nullptr,
                                     entity_key_fields(*method->input_type()), way_of(*method)};
  }
}

void entity_directory::add(const action_model& model) {
  auto type = std::make_shared<const action_type>(model);
  for (const auto& method : type->methods()) {
    if (method.is_ignored) continue;
    const auto& name = method.descriptor->full_name();
    bool is_new = methods_.try_emplace(name, method.descriptor, type->key({}).type, type).second;
    PERDURE_CHECK(is_new);
  }
  actions_.push_back(std::move(type));
}

std::shared_ptr<const entity_type> entity_directory::find(const std::string& entity_type) const {
  auto found = types_.find(entity_type);
  return found == types_.end() ? nullptr : found->second;
}

const google::protobuf::MethodDescriptor* entity_directory::find_method(
    const std::string& full_name) const {
  auto found = methods_.find(full_name);
  return found == methods_.end() ? nullptr : found->second.method;
}

result<std::string> entity_directory::target_id(const served_method& of, const any_call& what,
                                                const std::string& sender) const {
  if (of.action) {
    // An id that is no entity's could be anything: it came from a topic.
    bool is_id = !sender.empty() && sender.size() <= bounds_.entity_id_bytes_max &&
                 is_utf8(sender) && sender.find('\0') == std::string::npos;
    return is_id ? sender : std::string(no_id);
  }
  if (of.key_fields.empty()) return random_uuid();  // its option id_generator
  return entity_id_of(what.request(), of.key_fields, bounds_.entity_id_bytes_max);
}

result<persistence::new_mail> entity_directory::address(const any_call& what,
                                                        const std::string& sender) const {
  persistence::new_mail mail;
  mail.method = what.method().full_name();
  auto found = methods_.find(mail.method);
  if (found == methods_.end()) return not_served(mail.method);
  const auto* method = found->second.method;
  if (method->client_streaming() || method->server_streaming()) {
    return status(status_code::failed_precondition,
                  mail.method +
                      " streams: only rpcs that take one request and give one reply can "
                      "be called or sent by a handler");
  }
  auto id = target_id(found->second, what, sender);
  if (!id) return status(id.error().code(), "sent to " + mail.method + ": " + id.error().message());
  mail.target = {found->second.target_type, *std::move(id)};
  mail.payload = what.request().SerializePartialAsString();
  if (mail.payload.size() > bounds_.message_bytes_max) {
    return status(status_code::resource_exhausted,
                  "sent to " + mail.method + ": the request has " +
                      std::to_string(mail.payload.size()) + " bytes, at most " +
                      std::to_string(bounds_.message_bytes_max) + " are allowed");
  }
  // protobuf writes a string that is no UTF-8 and then refuses to read it.
  if (!new_request(*method)->ParseFromString(mail.payload)) {
    return status(status_code::invalid_argument,
                  "sent to " + mail.method +
                      ": the request cannot be read back: a string that is "
                      "not UTF-8, or messages nested too deeply");
  }
  mail.metadata = what.metadata();
  return mail;
}

result<command> entity_directory::read(const persistence::new_mail& mail) const {
  command made{};
  if (mail.method == expire_method().full_name() && types_.count(mail.target.type) > 0) {
    made.method = &expire_method();
  } else {
    auto found = methods_.find(mail.method);
    bool is_served = found != methods_.end() && found->second.target_type == mail.target.type;
    if (!is_served) return not_served(mail);
    made.method = found->second.method;
    made.way = found->second.way;
  }
  made.target = mail.target;
  made.request = new_request(*made.method);
  if (!made.request->ParseFromString(mail.payload)) {
    return status(status_code::data_loss, "mail of " + to_string(mail.target) + ": no valid " +
                                              made.method->input_type()->full_name());
  }
  made.request_bytes = mail.payload.size();
  made.metadata = mail.metadata;
  made.idempotency_key = mail.idempotency_key;
  made.command_id = mail.command_id;
  made.hops = mail.hops;
  return made;
}

}  // namespace perdure::actors
