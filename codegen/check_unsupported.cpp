// Annotations that users of similar platforms know and this version does not carry out. Refused by
// name: an access rule that is quietly ignored is worse than an error.

#include "codegen/checks.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::string refusal(const std::string& option) {
  return option + " is not supported by this version of Perdure; remove it";
}

void check_file(const FileDescriptor& file, diagnostics& errors) {
  const auto& options = file.options().GetExtension(perdure::file);
  auto refuse = [&](bool present, int number, const std::string& name) {
    if (present) errors.error(file, file_option_path(number), refusal("(perdure.file)." + name));
  };
  refuse(options.has_replicated_entity(), FileOptions::kReplicatedEntityFieldNumber,
         "replicated_entity");
  refuse(options.has_acl(), FileOptions::kAclFieldNumber, "acl");
}

void check_method(const MethodDescriptor& rpc, diagnostics& errors) {
  const auto& options = rpc.options().GetExtension(perdure::method);
  auto refuse = [&](bool present, int number, const std::string& name) {
    if (!present) return;
    errors.error(*rpc.service()->file(), method_option_path(rpc, number),
                 "rpc " + rpc.name() + ": " + refusal("(perdure.method)." + name));
  };
  refuse(options.has_jwt(), MethodOptions::kJwtFieldNumber, "jwt");
  refuse(options.has_acl(), MethodOptions::kAclFieldNumber, "acl");
}

void check_service(const ServiceDescriptor& service, diagnostics& errors) {
  const auto& options = service.options().GetExtension(perdure::service);
  auto refuse = [&](bool present, int number, const std::string& name) {
    if (!present) return;
    errors.error(*service.file(), service_option_path(service, number),
                 "service " + service.name() + ": " + refusal("(perdure.service)." + name));
  };
  refuse(options.has_acl(), ServiceOptions::kAclFieldNumber, "acl");
  refuse(options.has_jwt(), ServiceOptions::kJwtFieldNumber, "jwt");
  for (int i = 0; i < service.method_count(); ++i) check_method(*service.method(i), errors);
}

void check_field(const FieldDescriptor& annotated, diagnostics& errors) {
  const auto& options = annotated.options().GetExtension(perdure::field);
  auto refuse = [&](bool present, const std::string& name) {
    if (!present) return;
    errors.error_at(annotated, annotated.containing_type()->name() + "." + annotated.name() + ": " +
                                   refusal("(perdure.field)." + name));
  };
  refuse(options.has_jwt(), "jwt");
  refuse(options.id(), "id");
}

void check_message(const Descriptor& message, diagnostics& errors) {
  for (int i = 0; i < message.field_count(); ++i) check_field(*message.field(i), errors);
  for (int i = 0; i < message.nested_type_count(); ++i) {
    check_message(*message.nested_type(i), errors);
  }
}

}  // namespace

void check_unsupported(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.files) {
    check_file(*file, errors);
    for (int i = 0; i < file->service_count(); ++i) check_service(*file->service(i), errors);
    for (int i = 0; i < file->message_type_count(); ++i) {
      check_message(*file->message_type(i), errors);
    }
  }
}

}  // namespace perdure::codegen
