// Reads descriptors and annotations to a service_model: finds what the names in them stand for.
// Whether it makes sense is looked at after that (check_*.cpp).

#include "codegen/service_model.hpp"

#include <algorithm>
#include <set>

#include "base/suggest.hpp"
#include "codegen/names.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

void add_with_imports(const FileDescriptor& file, std::set<const FileDescriptor*>& seen,
                      std::vector<const FileDescriptor*>& known) {
  if (!seen.insert(&file).second) return;
  known.push_back(&file);
  for (int i = 0; i < file.dependency_count(); ++i) {
    add_with_imports(*file.dependency(i), seen, known);
  }
}

std::string in_package(const FileDescriptor& file, const std::string& name) {
  return file.package().empty() ? name : file.package() + "." + name;
}

bool is_message(const Descriptor* found) {
  return found != nullptr && !found->options().map_entry();
}

// A message by the name an annotation in `file` has for it.
const Descriptor* find_message(const FileDescriptor& file, const std::string& name) {
  const auto& pool = *file.pool();
  if (name.starts_with('.')) {
    const auto* found = pool.FindMessageTypeByName(name.substr(1));
    return is_message(found) ? found : nullptr;
  }
  if (const auto* found = pool.FindMessageTypeByName(in_package(file, name)); is_message(found)) {
    return found;
  }
  const auto* found = pool.FindMessageTypeByName(name);
  return is_message(found) ? found : nullptr;
}

void add_names(const Descriptor& message, const std::string& name,
               std::vector<std::string>& names) {
  if (!is_message(&message)) return;
  names.push_back(name);
  for (int i = 0; i < message.nested_type_count(); ++i) {
    const auto& nested = *message.nested_type(i);
    add_names(nested, name + "." + nested.name(), names);
  }
}

// How the messages of the known files can be named in an annotation of `file`.
std::vector<std::string> message_names(const service_model& model, const FileDescriptor& file) {
  std::vector<std::string> names;
  for (const auto* other : model.known) {
    bool near = other->package() == file.package();
    // Nobody's event is one of protobuf's own descriptors or of our annotations.
    if (!near && !model.is_written(*other)) continue;
    for (int i = 0; i < other->message_type_count(); ++i) {
      const auto& message = *other->message_type(i);
      add_names(message, near ? message.name() : message.full_name(), names);
    }
  }
  return names;
}

std::string of_package(const FileDescriptor& file) {
  return file.package().empty() ? "of " + file.name() : "of " + file.package();
}

const Descriptor* resolve(const service_model& model, const component& c,
                          const std::string& attribute, const std::string& name,
                          diagnostics& errors) {
  const auto* found = find_message(*c.file, name);
  if (found == nullptr) {
    errors.error(*c.file, c.place(),
                 attribute + ": \"" + name + "\" is not a message " + of_package(*c.file) +
                     did_you_mean(name, message_names(model, *c.file)));
  }
  return found;
}

// The same of every kind of entity.
template <class Annotation>
component read_annotation(component_kind kind, const FileDescriptor& file,
                          const Annotation& annotation) {
  return {kind,
          &file,
          annotation.name(),
          annotation.entity_type(),
          annotation.state(),
          {},
          in_package(file, annotation.name())};
}

void resolve_names(const service_model& model, component& c, diagnostics& errors) {
  if (!c.state_name.empty()) c.state = resolve(model, c, "state", c.state_name, errors);
  for (std::size_t i = 0; i < c.event_names.size(); ++i) {
    auto attribute = "events[" + std::to_string(i) + "]";
    c.events.push_back(resolve(model, c, attribute, c.event_names[i], errors));
  }
}

// A file may declare one entity of each kind.
std::vector<component> read_components(const FileDescriptor& file) {
  std::vector<component> read;
  const auto& options = file.options().GetExtension(perdure::file);
  if (options.has_event_sourced_entity()) {
    const auto& annotation = options.event_sourced_entity();
    auto& c = read.emplace_back(read_annotation(component_kind::event_sourced, file, annotation));
    c.event_names.assign(annotation.events().begin(), annotation.events().end());
  }
  if (options.has_value_entity()) {
    read.push_back(read_annotation(component_kind::key_value, file, options.value_entity()));
  }
  return read;
}

// A component that is refused as a whole, or has a name that is not one, needs no second error
// where it is served.
bool is_in_error_itself(const service_model& model, const std::string& name) {
  auto is_misnamed = [](const component& c) { return !is_simple_name(c.name); };
  return std::ranges::any_of(model.components, is_misnamed) ||
         std::ranges::any_of(model.known, [&](const FileDescriptor* file) {
           const auto& options = file->options().GetExtension(perdure::file);
           return options.has_replicated_entity() &&
                  in_package(*file, options.replicated_entity().name()) == name;
         });
}

const component* find_component(const service_model& model, const ServiceDescriptor& service,
                                diagnostics& errors) {
  const auto& name = service.options().GetExtension(perdure::service).component();
  auto found = std::ranges::find(model.components, name, &component::full_name);
  if (found != model.components.end()) return &*found;
  if (name.empty() || is_in_error_itself(model, name)) return nullptr;
  // A file may import another service's for its messages, and leave that service to another run.
  if (!model.is_written(*service.file())) return nullptr;

  std::vector<std::string> known;
  for (const auto& c : model.components) known.push_back(c.full_name);
  auto hint = did_you_mean(name, known);
  if (hint.empty()) {
    hint =
        "; give protoc the file whose (perdure.file).event_sourced_entity or value_entity declares "
        "it, too";
  }
  errors.error(*service.file(), service_option_path(service, ServiceOptions::kComponentFieldNumber),
               "service " + service.name() + ": component \"" + name +
                   "\" is not an entity of the .proto files given" + hint);
  return nullptr;
}

// A component of another package keeps it here, and is an error later.
std::string own_name(const ServiceDescriptor& service) {
  const auto& name = service.options().GetExtension(perdure::service).component();
  if (name.empty()) return service.name();
  auto prefix = in_package(*service.file(), "");
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

}  // namespace

source_path component::place() const {
  return file_option_path(kind == component_kind::event_sourced
                              ? FileOptions::kEventSourcedEntityFieldNumber
                              : FileOptions::kValueEntityFieldNumber);
}

bool service_model::is_written(const FileDescriptor& file) const {
  return std::ranges::find(files, &file) != files.end();
}

bool service_model::is_action(const ServiceDescriptor& service) const {
  return std::ranges::find(actions, &service, &own_service::service) != actions.end();
}

bool service_model::is_of_entity(const ServiceDescriptor& service) const {
  return std::ranges::find(services, &service, &entity_service::service) != services.end();
}

bool service_model::is_view(const ServiceDescriptor& service) const {
  return std::ranges::find(views, &service, &own_service::service) != views.end();
}

std::vector<const google::protobuf::MethodDescriptor*> rpcs_of(const ServiceDescriptor& service) {
  std::vector<const google::protobuf::MethodDescriptor*> rpcs;
  for (int i = 0; i < service.method_count(); ++i) rpcs.push_back(service.method(i));
  return rpcs;
}

bool is_empty(const Descriptor& message) { return message.full_name() == "google.protobuf.Empty"; }

service_model read_service_model(const std::vector<const FileDescriptor*>& files,
                                 diagnostics& errors) {
  service_model model{files, {}, {}, {}, {}, {}};
  std::set<const FileDescriptor*> seen;
  for (const auto* file : files) add_with_imports(*file, seen, model.known);

  for (const auto* file : model.known) {
    for (auto& c : read_components(*file)) {
      resolve_names(model, c, errors);
      model.components.push_back(std::move(c));
    }
  }
  for (const auto* file : model.known) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      const auto& options = service.options().GetExtension(perdure::service);
      bool no_type = options.type() == ServiceOptions::SERVICE_TYPE_UNSPECIFIED;
      if (options.type() == ServiceOptions::SERVICE_TYPE_ENTITY ||
          (no_type && !options.component().empty())) {
        model.services.push_back({&service, find_component(model, service, errors)});
      } else if (options.type() == ServiceOptions::SERVICE_TYPE_ACTION) {
        model.actions.push_back({&service, own_name(service)});
      } else if (options.type() == ServiceOptions::SERVICE_TYPE_VIEW) {
        model.views.push_back({&service, own_name(service)});
      }
    }
  }
  return model;
}

}  // namespace perdure::codegen
