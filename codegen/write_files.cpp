// Writes the files of one .proto: what its services need, put together.

#include "codegen/write_files.hpp"

#include <set>

#include "codegen/names.hpp"
#include "codegen/printing.hpp"
#include "codegen/write_action.hpp"
#include "codegen/write_calls.hpp"
#include "codegen/write_entity.hpp"
#include "codegen/write_view.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

// What is written for one file: its entities, then its actions, then its views.
struct contents {
  std::vector<const entity_service*> entities;
  std::vector<const own_service*> actions;
  std::vector<const own_service*> views;

  bool has_calls() const { return !entities.empty() || !actions.empty(); }
  bool empty() const { return !has_calls() && views.empty(); }
};

contents contents_of(const FileDescriptor& file, const service_model& model) {
  contents of_file;
  for (const auto& s : model.services) {
    if (s.service->file() == &file) of_file.entities.push_back(&s);
  }
  for (const auto& s : model.actions) {
    if (s.service->file() == &file) of_file.actions.push_back(&s);
  }
  for (const auto& s : model.views) {
    if (s.service->file() == &file) of_file.views.push_back(&s);
  }
  return of_file;
}

// The protobuf headers of every message named, and the service's own, for its descriptor.
std::set<std::string> message_headers(const FileDescriptor& file, const contents& what) {
  std::set<std::string> headers{file_stem(file) + ".pb.h"};
  auto add = [&](const google::protobuf::Descriptor& message) {
    headers.insert(file_stem(*message.file()) + ".pb.h");
  };
  auto add_rpcs = [&](const ServiceDescriptor& service) {
    for (int i = 0; i < service.method_count(); ++i) {
      add(*service.method(i)->input_type());
      add(*service.method(i)->output_type());
    }
  };
  for (const auto* s : what.entities) {
    add(*s->served->state);
    for (const auto* event : s->served->events) add(*event);
    add_rpcs(*s->service);
  }
  for (const auto* s : what.actions) add_rpcs(*s->service);
  for (const auto* s : what.views) {
    for (const auto& table : tables_of(*s->service)) add(*table.row);
    for (const auto* rpc : view_handlers_of(*s->service)) add(*rpc->input_type());
  }
  return headers;
}

void print_banner(const FileDescriptor& file, bool is_empty, Printer& out) {
  out.Print("// Written by protoc-gen-perdure from $file$. Do not edit: change that file.\n",
            "file", file.name());
  if (is_empty) {
    out.Print(
        "// No service of it is an entity's, an action or a view, so there is nothing here.\n");
  }
}

void print_library_headers(const contents& what, Printer& out) {
  out.Print("\n#include <cstddef>\n");
  if (!what.views.empty()) out.Print("#include <optional>\n");
  out.Print("\n");
  if (!what.actions.empty()) out.Print("#include \"perdure/action.hpp\"\n");
  if (what.has_calls()) out.Print("#include \"perdure/call.hpp\"\n");
  if (!what.entities.empty()) out.Print("#include \"perdure/entity.hpp\"\n");
  if (!what.views.empty()) out.Print("#include \"perdure/view.hpp\"\n");
  out.Print("\n");
}

std::string header(const FileDescriptor& file, const contents& what) {
  return print([&](Printer& out) {
    print_banner(file, what.empty(), out);
    out.Print("#pragma once\n");
    if (what.empty()) return;
    print_library_headers(what, out);
    for (const auto& name : message_headers(file, what)) {
      out.Print("#include \"$name$\"\n", "name", name);
    }
    out.Print("\n");
    for (const auto* s : what.entities) {
      declare_entity(*s, out);
      declare_calls(*s->service, out);
    }
    for (const auto* s : what.actions) {
      declare_action(*s, out);
      declare_calls(*s->service, out);
    }
    for (const auto* s : what.views) declare_view(*s, out);
  });
}

std::string source(const FileDescriptor& file, const contents& what) {
  return print([&](Printer& out) {
    print_banner(file, what.empty(), out);
    if (what.empty()) return;
    out.Print("#include \"$stem$.perdure.hpp\"\n\n", "stem", file_stem(file));
    out.Print("#include <cstdlib>\n#include <utility>\n");
    if (!what.actions.empty()) out.Print("#include <variant>\n");
    out.Print("\n");
    for (const auto* s : what.entities) {
      define_entity(*s, out);
      define_calls(*s->service, out);
    }
    for (const auto* s : what.actions) {
      define_action(*s, out);
      define_calls(*s->service, out);
    }
    for (const auto* s : what.views) define_view(*s, out);
  });
}

}  // namespace

std::vector<written_file> write_files(const FileDescriptor& file, const service_model& model) {
  auto what = contents_of(file, model);
  auto stem = file_stem(file);
  return {{stem + ".perdure.hpp", header(file, what)}, {stem + ".perdure.cpp", source(file, what)}};
}

}  // namespace perdure::codegen
