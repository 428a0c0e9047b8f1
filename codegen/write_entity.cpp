// Writes the abstract class of an entity: one pure virtual function per rpc and per event, and the
// switches by which the runtime calls them.

#include "codegen/write_entity.hpp"

#include <google/protobuf/io/printer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>

#include "codegen/names.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::io::Printer;
using variables = std::map<std::string, std::string>;

std::string print(const std::function<void(Printer&)>& body) {
  std::string content;
  {
    google::protobuf::io::StringOutputStream stream(&content);
    Printer printer(&stream, '$');
    body(printer);
  }
  if (content.ends_with("\n\n")) content.pop_back();
  return content;
}

// The comment before a declaration in the .proto, as documentation.
template <class Descriptor>
void print_docs(const Descriptor& declared, Printer& out) {
  google::protobuf::SourceLocation location;
  if (!declared.GetSourceLocation(&location)) return;
  std::string_view text = location.leading_comments;
  while (text.ends_with('\n')) text.remove_suffix(1);
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // Some compilers end a line at other control characters, too.
    std::string plain(line);
    std::ranges::replace_if(
        plain, [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }, ' ');
    // A backslash at the end would draw the next line into the comment, as would its trigraph.
    while (plain.ends_with('\\') || plain.ends_with(' ') || plain.ends_with("?\?/")) {
      plain.pop_back();
    }
    bool spaced = plain.empty() || plain.starts_with(' ');
    out.Print("///$space$$line$\n", "space", spaced ? "" : " ", "line", plain);
  }
}

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
  return {{"class", base_class_name(c.annotation->name())},
          {"component", c.full_name},
          {"parts", joined(parts)},
          {"parameter", state_parameter(c)},
          {"requests", joined(requests)},
          {"service", s.service->full_name()},
          {"state", qualified_class_name(*c.state)},
          {"type", c.annotation->entity_type()}};
}

void print_handlers(const entity_service& s, variables vars, Printer& out) {
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
  out.Print("// Events: change the state, decide nothing; they run again at every recovery.\n\n");
  for (const auto* event : s.served->events) {
    vars["function"] = event_handler_name(*event);
    vars["event"] = qualified_class_name(*event);
    print_docs(*event, out);
    out.Print(vars, R"(virtual $state$ $function$(
    $state$ $parameter$,
    const $event$& event) = 0;

)");
  }
}

// Without a package there is no namespace to open.
void print_in_namespace(const component& c, Printer& out, const std::function<void()>& body) {
  auto space = cpp_namespace(c.file->package());
  if (!space.empty()) out.Print("namespace $space$ {\n\n", "space", space);
  body();
  if (!space.empty()) out.Print("}  // namespace $space$\n\n", "space", space);
}

void print_class(const entity_service& s, Printer& out) {
  auto vars = entity_variables(s);
  print_in_namespace(*s.served, out, [&] {
    out.Print(vars, R"(/// The entity $component$, type "$type$", as served by $service$.
/// Derive from it and override every pure virtual function.
class $class$
    : public ::perdure::event_sourced_entity<
$parts$> {
 public:
  /// The request of each rpc, in the order of the service.
  using requests = ::perdure::type_list<
$requests$>;

  /// What the runtime knows of this type of entity; it adds `create` itself.
  static ::perdure::entity_model model();

)");
    out.Indent();
    print_handlers(s, vars, out);
    out.Outdent();
    out.Print(R"(  // For the runtime: call the function of an rpc or event by its index.

  ::perdure::any_effect handle(
      ::std::size_t method,
      const ::google::protobuf::Message& state,
      const ::google::protobuf::Message& command) final;
  void apply(
      ::std::size_t event,
      ::google::protobuf::Message& state,
      const ::google::protobuf::Message& message) final;
};

)");
  });
}

void print_model(const entity_service& s, const variables& vars, Printer& out) {
  out.Print(vars, R"(::perdure::entity_model $class$::model() {
  return {
      .entity_type = "$type$",
      .component = "$component$",
      .service = ::google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "$service$"),
      .state = $state$::descriptor(),
      .events = {
)");
  for (const auto* event : s.served->events) {
    out.Print("          $event$::descriptor(),\n", "event", qualified_class_name(*event));
  }
  out.Print(R"(      },
      .create = {},
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

// The protobuf headers of every message named, and the service's own, for its descriptor.
std::set<std::string> message_headers(const FileDescriptor& file,
                                      const std::vector<const entity_service*>& entities) {
  std::set<std::string> headers{file_stem(file) + ".pb.h"};
  auto add = [&](const google::protobuf::Descriptor& message) {
    headers.insert(file_stem(*message.file()) + ".pb.h");
  };
  for (const auto* s : entities) {
    add(*s->served->state);
    for (const auto* event : s->served->events) add(*event);
    for (int i = 0; i < s->service->method_count(); ++i) {
      add(*s->service->method(i)->input_type());
      add(*s->service->method(i)->output_type());
    }
  }
  return headers;
}

void print_banner(const FileDescriptor& file, bool has_entities, Printer& out) {
  out.Print("// Written by protoc-gen-perdure from $file$. Do not edit: change that file.\n",
            "file", file.name());
  if (!has_entities) out.Print("// No service of it serves an entity, so there is nothing here.\n");
}

std::string header(const FileDescriptor& file, const std::vector<const entity_service*>& entities) {
  return print([&](Printer& out) {
    print_banner(file, !entities.empty(), out);
    out.Print("#pragma once\n");
    if (entities.empty()) return;
    out.Print("\n#include <cstddef>\n\n#include \"perdure/entity.hpp\"\n\n");
    for (const auto& name : message_headers(file, entities)) {
      out.Print("#include \"$name$\"\n", "name", name);
    }
    out.Print("\n");
    for (const auto* s : entities) print_class(*s, out);
  });
}

std::string source(const FileDescriptor& file, const std::vector<const entity_service*>& entities) {
  return print([&](Printer& out) {
    print_banner(file, !entities.empty(), out);
    if (entities.empty()) return;
    out.Print("#include \"$stem$.perdure.hpp\"\n\n", "stem", file_stem(file));
    out.Print("#include <cstdlib>\n#include <utility>\n\n");
    for (const auto* s : entities) {
      auto vars = entity_variables(*s);
      print_in_namespace(*s->served, out, [&] {
        print_model(*s, vars, out);
        print_handle(*s, vars, out);
        print_apply(*s, vars, out);
      });
    }
  });
}

}  // namespace

std::vector<written_file> write_entities(const FileDescriptor& file, const service_model& model) {
  std::vector<const entity_service*> entities;
  for (const auto& s : model.services) {
    if (s.service->file() == &file) entities.push_back(&s);
  }
  auto stem = file_stem(file);
  return {{stem + ".perdure.hpp", header(file, entities)},
          {stem + ".perdure.cpp", source(file, entities)}};
}

}  // namespace perdure::codegen
