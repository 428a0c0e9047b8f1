// Writes the abstract class of an entity: one pure virtual function per rpc and, of an event
// sourced one, per event, and the switches by which the runtime calls them.

#include "codegen/write_entity.hpp"

#include <string>
#include <vector>

#include "codegen/names.hpp"
#include "codegen/printing.hpp"

namespace perdure::codegen {
namespace {

bool has_events(const component& c) { return c.kind == component_kind::event_sourced; }

std::string state_parameter(const component& c) {
  auto name = identifier(snake_case(c.state->name()));
  return name == "command" || name == "event" ? "state" : name;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ",\n") + std::string(8, ' ') + part;
  return text;
}

variables entity_variables(const entity_service& s) {
  const auto& c = *s.served;
  std::vector<std::string> parts{qualified_class_name(*c.state)};
  for (const auto* event : c.events) parts.push_back(qualified_class_name(*event));
  std::vector<std::string> requests;
  for (int i = 0; i < s.service->method_count(); ++i) {
    requests.push_back(qualified_class_name(*s.service->method(i)->input_type()));
  }
  return {{"class", base_class_name(c.name)},
          {"component", c.full_name},
          {"kind", has_events(c) ? "event_sourced" : "key_value"},
          {"parts", joined(parts)},
          {"parameter", state_parameter(c)},
          {"requests", joined(requests)},
          {"service", s.service->full_name()},
          {"state", qualified_class_name(*c.state)},
          {"type", c.entity_type}};
}

void print_command_handlers(const entity_service& s, variables vars, Printer& out) {
  out.Print("// Commands: decide, change nothing.\n\n");
  for (int i = 0; i < s.service->method_count(); ++i) {
    const auto& rpc = *s.service->method(i);
    vars["function"] = command_handler_name(rpc);
    vars["reply"] = qualified_class_name(*rpc.output_type());
    vars["request"] = qualified_class_name(*rpc.input_type());
    print_docs(rpc, out);
    out.Print(vars, R"(virtual ::perdure::effect<$reply$> $function$(
    const $state$& $parameter$,
    const $request$& command) = 0;

)");
  }
}

void print_event_handlers(const component& c, variables vars, Printer& out) {
  out.Print("// Events: change the state, decide nothing; they run again at every recovery.\n\n");
  for (const auto* event : c.events) {
    vars["function"] = event_handler_name(*event);
    vars["event"] = qualified_class_name(*event);
    print_docs(*event, out);
    out.Print(vars, R"(virtual $state$ $function$(
    $state$ $parameter$,
    const $event$& event) = 0;

)");
  }
}

void print_class(const entity_service& s, Printer& out) {
  const auto& c = *s.served;
  auto vars = entity_variables(s);
  out.Print(vars, R"(/// The entity $component$, type "$type$", as served by $service$.
/// Derive from it and override every pure virtual function.
class $class$
    : public ::perdure::$kind$_entity<
$parts$> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
$requests$>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

)");
  out.Indent();
  print_command_handlers(s, vars, out);
  if (has_events(c)) print_event_handlers(c, vars, out);
  out.Outdent();
  out.Print("  // For the runtime: call the function of an rpc$events$ by its index.\n\n", "events",
            has_events(c) ? " or event" : "");
  out.Print(R"(  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
)");
  if (has_events(c)) {
    out.Print(R"(  void apply(
      ::std::size_t event,
      ::google::protobuf::Message& state,
      const ::google::protobuf::Message& message) final;
)");
  }
  out.Print("};\n\n");
}

void print_model(const entity_service& s, const variables& vars, Printer& out) {
  out.Print(vars, R"(::perdure::entity_model $class$::model() {
  return {
      .entity_type = "$type$",
      .component = "$component$",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "$service$"),
      .state = $state$::descriptor(),
      .events = {)");
  for (const auto* event : s.served->events) {
    out.Print("\n          $event$::descriptor(),", "event", qualified_class_name(*event));
  }
  if (has_events(*s.served)) out.Print("\n      ");
  out.Print(vars, R"(},
      .create = {},
      .kind = ::perdure::entity_kind::$kind$,
  };
}

)");
}

void print_handle(const entity_service& s, const variables& vars, Printer& out) {
  out.Print(vars, R"(::perdure::any_effect $class$::handle(
    ::std::size_t method,
    const ::google::protobuf::Message& state,
    const ::google::protobuf::Message& command) {
  const auto& current = static_cast<const $state$&>(state);
  switch (method) {
)");
  for (int i = 0; i < s.service->method_count(); ++i) {
    const auto& rpc = *s.service->method(i);
    out.Print(R"(    case $index$:
      return this->$function$(
          current, static_cast<const $request$&>(command)).erase();
)",
              "index", std::to_string(i), "function", command_handler_name(rpc), "request",
              qualified_class_name(*rpc.input_type()));
  }
  out.Print(R"(    default:
      ::std::abort();  // the runtime counts the rpcs of this very service
  }
}

)");
}

void print_apply(const entity_service& s, const variables& vars, Printer& out) {
  out.Print(vars, R"(void $class$::apply(
    ::std::size_t event,
    ::google::protobuf::Message& state,
    const ::google::protobuf::Message& message) {
  auto& current = static_cast<$state$&>(state);
  switch (event) {
)");
  for (std::size_t i = 0; i < s.served->events.size(); ++i) {
    const auto& event = *s.served->events[i];
    out.Print(R"(    case $index$:
      current = this->$function$(
          ::std::move(current), static_cast<const $event$&>(message));
      return;
)",
              "index", std::to_string(i), "function", event_handler_name(event), "event",
              qualified_class_name(event));
  }
  out.Print(R"(    default:
      ::std::abort();  // the runtime counts the events of this very entity
  }
}

)");
}

}  // namespace

void declare_entity(const entity_service& s, Printer& out) {
  print_in_namespace(s.served->file->package(), out, [&] { print_class(s, out); });
}

void define_entity(const entity_service& s, Printer& out) {
  auto vars = entity_variables(s);
  print_in_namespace(s.served->file->package(), out, [&] {
    print_model(s, vars, out);
    print_handle(s, vars, out);
    if (has_events(*s.served)) print_apply(s, vars, out);
  });
}

}  // namespace perdure::codegen
