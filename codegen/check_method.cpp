// Checks of (perdure.method): its options are of rpcs that an entity handles.

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

// Where a service is annotated and serves no entity, that is an error of its own.
void check_entity_only(const MethodDescriptor& rpc, diagnostics& errors) {
  if (rpc.service()->options().HasExtension(perdure::service)) return;
  const auto& options = rpc.options().GetExtension(perdure::method);
  auto why = " is for rpcs of entities, and service " + rpc.service()->name() +
             " serves none; remove it, or annotate the service";
  if (options.mailbox() != MAILBOX_UNSPECIFIED) {
    error(rpc, MethodOptions::kMailboxFieldNumber, "mailbox" + why, errors);
  }
  if (options.has_id_generator()) {
    error(rpc, MethodOptions::kIdGeneratorFieldNumber, "id_generator" + why, errors);
  }
}

}  // namespace

void check_methods(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.files) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) {
        check_values(*service.method(j), errors);
        check_entity_only(*service.method(j), errors);
      }
    }
  }
}

}  // namespace perdure::codegen
