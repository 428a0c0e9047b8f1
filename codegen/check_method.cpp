// Checks of (perdure.method), apart from eventing: its options are of rpcs that an entity handles,
// of those that an action does, or of a view's.

#include "codegen/checks.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::MethodDescriptor;

void error(const MethodDescriptor& rpc, int number, const std::string& text, diagnostics& errors) {
  errors.error(*rpc.service()->file(), method_option_path(rpc, number),
               "rpc " + rpc.name() + ": " + text);
}

void check_values(const MethodDescriptor& rpc, diagnostics& errors) {
  const auto& options = rpc.options().GetExtension(perdure::method);
  if (!Mailbox_IsValid(options.mailbox())) {
    error(
        rpc, MethodOptions::kMailboxFieldNumber,
        "mailbox: " + std::to_string(options.mailbox()) + " is no mailbox; write mailbox: DURABLE",
        errors);
  }
  if (options.has_id_generator() &&
      options.id_generator().algorithm() != IdGenerator::VERSION_4_UUID) {
    error(rpc, MethodOptions::kIdGeneratorFieldNumber,
          "id_generator: algorithm must be VERSION_4_UUID, the only one there is", errors);
  }
}

// Where a service is annotated and serves no known entity, that is an error of its own.
void check_entity_only(const service_model& model, const MethodDescriptor& rpc,
                       diagnostics& errors) {
  bool is_action = model.is_action(*rpc.service());
  bool is_view = model.is_view(*rpc.service());
  bool is_annotated = rpc.service()->options().HasExtension(perdure::service);
  if (is_annotated && !is_action && !is_view) return;
  const auto& options = rpc.options().GetExtension(perdure::method);
  auto why = " is for rpcs of entities, and service " + rpc.service()->name() +
             (is_action ? " is an action; remove it"
              : is_view ? " is a view; remove it"
                        : " serves none; remove it, or annotate the service");
  if (options.mailbox() != MAILBOX_UNSPECIFIED) {
    error(rpc, MethodOptions::kMailboxFieldNumber, "mailbox" + why, errors);
  }
  if (options.has_id_generator()) {
    error(rpc, MethodOptions::kIdGeneratorFieldNumber, "id_generator" + why, errors);
  }
}

void check_view_only(const service_model& model, const MethodDescriptor& rpc, diagnostics& errors) {
  if (!rpc.options().GetExtension(perdure::method).has_view()) return;
  if (model.is_view(*rpc.service())) return;
  error(rpc, MethodOptions::kViewFieldNumber,
        "view is for rpcs of views, and service " + rpc.service()->name() +
            " is not one; write option (perdure.service).type = SERVICE_TYPE_VIEW, or remove it",
        errors);
}

void check_trigger(const service_model& model, const MethodDescriptor& rpc, diagnostics& errors) {
  const auto& options = rpc.options().GetExtension(perdure::method);
  if (!options.has_trigger()) return;
  auto trigger_error = [&](const std::string& text) {
    error(rpc, MethodOptions::kTriggerFieldNumber, "trigger" + text, errors);
  };
  const auto& trigger = options.trigger();
  if (!model.is_action(*rpc.service())) {
    return trigger_error(" is for rpcs of actions, and service " + rpc.service()->name() +
                         " is not one; remove it, or put the rpc into an action");
  }
  if (trigger.on() != Trigger::STARTUP) {
    trigger_error(".on: write on: STARTUP, the only one there is");
  }
  if (trigger.max_retries() < 0) {
    trigger_error(".max_retries: is " + std::to_string(trigger.max_retries()) +
                  "; write 0 or more");
  }
  if (options.eventing().in().ignore()) {
    trigger_error(
        ": an rpc with eventing.in.ignore has no function to be called; remove one of them");
  }
  if (rpc.client_streaming() || rpc.server_streaming()) {
    trigger_error(": the rpc is called with one request; remove \"stream\"");
  }
  if (!is_empty(*rpc.input_type())) {
    trigger_error(
        ": nobody is there to make a request, so that it must be "
        "google.protobuf.Empty, not " +
        rpc.input_type()->full_name());
  }
}

}  // namespace

void check_methods(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.files) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) {
        const auto& rpc = *service.method(j);
        check_values(rpc, errors);
        check_entity_only(model, rpc, errors);
        check_view_only(model, rpc, errors);
        check_trigger(model, rpc, errors);
      }
    }
  }
}

}  // namespace perdure::codegen
