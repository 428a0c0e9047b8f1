// Checks of (perdure.file).event_sourced_entity and (perdure.file).value_entity.

#include <algorithm>
#include <map>

#include "codegen/checks.hpp"
#include "codegen/declared.hpp"
#include "codegen/names.hpp"
#include "codegen/stored_message.hpp"

namespace perdure::codegen {
namespace {

// The name stands in every record of the store and in topics' names; Kafka's rules, and no
// capitals, so that two types cannot differ by case alone.
constexpr std::size_t entity_type_size_max = 64;
constexpr std::string_view entity_type_characters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

void error(const component& c, const std::string& text, diagnostics& errors) {
  errors.error(*c.file, c.place(), text);
}

void check_names(const component& c, diagnostics& errors) {
  const auto& name = c.name;
  if (name.empty()) {
    error(c, "name is missing: the simple name of the entity, such as \"ShoppingCart\"", errors);
  } else if (!is_simple_name(name)) {
    error(
        c,
        "name: \"" + name +
            "\" must be a simple name: a letter, then letters, digits and '_'; the file's package "
            "is put before it",
        errors);
  }
  const auto& type = c.entity_type;
  if (type.empty()) {
    error(c,
          "entity_type is missing: a stable name for the store, such as \"shopping-cart\", that is "
          "never changed once there is data",
          errors);
  } else if (type.size() > entity_type_size_max) {
    error(c,
          "entity_type: \"" + type + "\" has " + std::to_string(type.size()) +
              " characters, at most " + std::to_string(entity_type_size_max) + " are allowed",
          errors);
  } else if (auto bad = type.find_first_not_of(entity_type_characters); bad != type.npos) {
    error(c,
          "entity_type: \"" + type + "\" may hold only a-z, 0-9, '-', '_' and '.', not \"" +
              first_character(type.substr(bad)) + "\"",
          errors);
  }
}

void check_stored(const component& c, const std::string& which,
                  const google::protobuf::Descriptor* stored, diagnostics& errors) {
  if (stored == nullptr) return;
  if (auto wrong = wrong_with_stored(*stored); !wrong.empty()) {
    error(c, which + wrong, errors);
  }
}

void check_state_and_events(const component& c, diagnostics& errors) {
  if (c.state_name.empty()) {
    error(c, "state is missing: the message that holds the entity's state", errors);
  }
  if (c.kind == component_kind::event_sourced && c.events.empty()) {
    error(c, "events is empty: name at least one message that is an event of the entity", errors);
  }
  check_stored(c, "state: \"" + c.state_name + "\" ", c.state, errors);
  std::map<std::string, std::size_t> handlers;
  for (std::size_t i = 0; i < c.events.size(); ++i) {
    const auto* event = c.events[i];
    if (event == nullptr) continue;
    auto which = "events[" + std::to_string(i) + "]: \"" + c.event_names[i] + "\" ";
    if (event == c.state) {
      error(c, which + "is the state; an event is a message of its own", errors);
    }
    check_stored(c, which, event, errors);
    if (event_handler_name(*event) == base_class_name(c.name)) {
      error(c,
            which + "would be handled by " + event_handler_name(*event) +
                "(), but that is the generated class itself; rename one of them",
            errors);
    }
    auto [first, is_new] = handlers.emplace(event_handler_name(*event), i);
    if (is_new) continue;
    auto other = "events[" + std::to_string(first->second) + "]";
    if (c.events[first->second] == event) {
      error(c, which + "is listed already as " + other + "; list it once", errors);
    } else {
      error(c,
            which + "would be handled by " + first->first + "(), as is " + other + " \"" +
                c.events[first->second]->full_name() + "\"; rename one of them",
            errors);
    }
  }
}

std::string named(const component& c) { return c.full_name + " (" + c.file->name() + ")"; }

void check_class(const component& c, const service_model& model, diagnostics& errors) {
  auto class_name = base_class_name(c.name);
  auto declared = declared_in(model, c.file->package());
  if (auto other = declared.find(class_name); other != declared.end()) {
    error(c,
          "name: the class of \"" + c.name + "\" would be " + class_name + ", but that is what " +
              other->second + " is in C++; rename one of them",
          errors);
  }
}

// Reported at the later of the two.
void check_unique(const service_model& model, diagnostics& errors) {
  std::map<std::string, const component*> by_class;
  std::map<std::string, const component*> by_type;
  for (const auto& c : model.components) {
    if (!c.name.empty()) {
      auto class_name = base_class_name(c.name);
      auto [other, is_new] = by_class.emplace(c.file->package() + "." + class_name, &c);
      if (!is_new && other->second->full_name == c.full_name) {
        error(c,
              "name: there is an entity " + named(*other->second) +
                  " already; rename one of them or put it into another package",
              errors);
      } else if (!is_new) {
        error(c,
              "name: the class of \"" + c.name + "\" would be " + class_name + ", as is that of " +
                  named(*other->second) + "; rename one of them",
              errors);
      }
    }
    if (c.entity_type.empty()) continue;
    auto [other, is_new] = by_type.emplace(c.entity_type, &c);
    if (!is_new) {
      error(c,
            "entity_type: \"" + c.entity_type + "\" is that of " + named(*other->second) +
                " already; each entity needs one of its own",
            errors);
    }
  }
}

// Whether some other error may be why no service serves `c`, so that one more would only confuse.
bool may_be_meant(const component& c, const service_model& model) {
  if (!is_simple_name(c.name)) return true;
  bool is_first = &*std::ranges::find(model.components, c.full_name, &component::full_name) == &c;
  if (!is_first) return true;
  return std::ranges::any_of(model.services, [&](const auto& s) {
    return s.served == nullptr && model.is_written(*s.service->file());
  });
}

void check_served(const component& c, const service_model& model, diagnostics& errors) {
  std::vector<const entity_service*> serving;
  for (const auto& s : model.services) {
    if (s.served == &c) serving.push_back(&s);
  }
  if (serving.empty() && model.is_written(*c.file) && !may_be_meant(c, model)) {
    error(c,
          "entity " + c.full_name +
              " is served by no service, so nothing could reach it; give protoc the file with its "
              "service, too: option (perdure.service) = { type: SERVICE_TYPE_ENTITY component: \"" +
              c.full_name + "\" }",
          errors);
  }
  for (std::size_t i = 1; i < serving.size(); ++i) {
    errors.error(*serving[i]->service->file(),
                 service_option_path(*serving[i]->service, ServiceOptions::kComponentFieldNumber),
                 "service " + serving[i]->service->name() + ": component \"" + c.full_name +
                     "\" is served by " + serving[0]->service->full_name() +
                     " already; an entity has one service");
  }
}

}  // namespace

void check_components(const service_model& model, diagnostics& errors) {
  for (const auto& c : model.components) {
    if (c.file->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3) {
      error(c, "an entity cannot be declared in a proto2 file; use syntax = \"proto3\"", errors);
    }
    check_names(c, errors);
    check_class(c, model, errors);
    check_state_and_events(c, errors);
    check_served(c, model, errors);
  }
  check_unique(model, errors);
}

}  // namespace perdure::codegen
