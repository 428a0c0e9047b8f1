// What protobuf's own generator declares in a namespace, of all files that are known.

#include "codegen/declared.hpp"

#include <functional>

#include "codegen/names.hpp"

namespace perdure::codegen {

using google::protobuf::Descriptor;

std::map<std::string, std::string> declared_in(const service_model& model,
                                               const std::string& package) {
  std::map<std::string, std::string> names;
  std::function<void(const Descriptor&)> add_message;
  auto add_enum = [&](const google::protobuf::EnumDescriptor& type, const std::string& prefix) {
    names.emplace(prefix + type.name(), "enum " + type.full_name());
    for (int i = 0; i < type.value_count(); ++i) {
      names.emplace(prefix + type.value(i)->name(), "value " + type.value(i)->full_name());
    }
  };
  add_message = [&](const Descriptor& message) {
    names.emplace(class_name(message), "message " + message.full_name());
    for (int i = 0; i < message.nested_type_count(); ++i) add_message(*message.nested_type(i));
    for (int i = 0; i < message.enum_type_count(); ++i) {
      add_enum(*message.enum_type(i), class_name(message) + "_");
    }
  };
  auto inside = package.empty() ? "" : package + ".";
  for (const auto* file : model.known) {
    if (file->package() == package) {
      for (int i = 0; i < file->message_type_count(); ++i) add_message(*file->message_type(i));
      for (int i = 0; i < file->enum_type_count(); ++i) add_enum(*file->enum_type(i), "");
      for (int i = 0; i < file->service_count() && file->options().cc_generic_services(); ++i) {
        names.emplace(file->service(i)->name(), "service " + file->service(i)->full_name());
      }
    } else if (file->package().starts_with(inside)) {
      auto next = file->package().substr(inside.size());
      names.emplace(next.substr(0, next.find('.')), "package " + file->package());
    }
  }
  return names;
}

}  // namespace perdure::codegen
