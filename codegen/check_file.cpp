// Checks of what a file says about itself. Code for it is made by protobuf's own generator, too,
// and ours builds on that.

#include <google/protobuf/descriptor.pb.h>

#include "codegen/checks.hpp"
#include "codegen/names.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;

// protobuf makes namespaces of the parts as they are.
void check_package(const FileDescriptor& file, diagnostics& errors) {
  std::string_view rest = file.package();
  auto error = [&](const std::string& part, const std::string& why) {
    errors.error(file, {FileDescriptorProto::kPackageFieldNumber},
                 "package: \"" + part + "\" of \"" + file.package() + "\" is " + why +
                     ", where packages become namespaces; rename it");
  };
  while (!rest.empty()) {
    std::string part(rest.substr(0, rest.find('.')));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (is_keyword(part)) {
      error(part, "a keyword of C++");
    } else if (part == "std" || is_unescaped(part)) {
      error(part, "a name that C++ keeps for its library");
    }
  }
}

constexpr bool in_class = true;

// protobuf takes most names as they are, also macros. `name` is the declared one or one made of it.
template <class Declared>
void check_name(const Declared& declared, const std::string& kind, const std::string& name,
                bool is_in_class, diagnostics& errors) {
  if (is_in_class && is_message_member(name)) {
    errors.error_at(declared, kind + " " + declared.full_name() + ": \"" + name +
                                  "\" is a member of every message's class in C++; rename it");
  }
  if (!is_unescaped(name) && (kind == "field" || name != "std")) return;
  errors.error_at(declared, kind + " " + declared.full_name() + ": \"" + name +
                                "\" is a name that C++ keeps for itself or its library, so that "
                                "protobuf's code for it would not compile; rename it");
}

void check_enum(const EnumDescriptor& type, diagnostics& errors) {
  bool is_nested = type.containing_type() != nullptr;
  check_name(type, "enum", type.name(), is_nested, errors);
  for (int i = 0; i < type.value_count(); ++i) {
    check_name(*type.value(i), "value", type.value(i)->name(), is_nested, errors);
  }
}

void check_message(const Descriptor& message, diagnostics& errors) {
  check_name(message, "message", message.name(), in_class, errors);
  check_name(message, "message", class_name(message), in_class, errors);
  for (int i = 0; i < message.field_count(); ++i) {
    check_name(*message.field(i), "field", message.field(i)->lowercase_name(), in_class, errors);
  }
  for (int i = 0; i < message.enum_type_count(); ++i) check_enum(*message.enum_type(i), errors);
  for (int i = 0; i < message.nested_type_count(); ++i) {
    check_message(*message.nested_type(i), errors);
  }
}

void check_names(const FileDescriptor& file, diagnostics& errors) {
  for (int i = 0; i < file.enum_type_count(); ++i) check_enum(*file.enum_type(i), errors);
  for (int i = 0; i < file.message_type_count(); ++i) check_message(*file.message_type(i), errors);
}

// In these namespaces any name may be taken already.
void check_not_taken(const FileDescriptor& file, diagnostics& errors) {
  if (file.package() != "perdure" && file.package() != "google.protobuf") return;
  errors.error(file, {FileDescriptorProto::kPackageFieldNumber},
               "package: \"" + file.package() +
                   "\" is the library's own; put the entity into a package of yours");
}

void check_runtime(const FileDescriptor& file, diagnostics& errors) {
  if (file.options().optimize_for() != google::protobuf::FileOptions::LITE_RUNTIME) return;
  errors.error(file,
               {FileDescriptorProto::kOptionsFieldNumber,
                google::protobuf::FileOptions::kOptimizeForFieldNumber},
               "optimize_for: LITE_RUNTIME leaves out the descriptors that a service is served by; "
               "remove it");
}

}  // namespace

void check_files(const service_model& model, diagnostics& errors) {
  for (const auto* file : model.known) {
    check_package(*file, errors);
    check_names(*file, errors);
  }
  for (const auto* file : model.files) check_runtime(*file, errors);
  for (const auto& c : model.components) check_not_taken(*c.file, errors);
  for (const auto& s : model.services) check_not_taken(*s.service->file(), errors);
  for (const auto& s : model.actions) check_not_taken(*s.service->file(), errors);
  for (const auto& s : model.views) check_not_taken(*s.service->file(), errors);
}

}  // namespace perdure::codegen
