// Writes the files of one .proto: what its services that serve an entity need, put together.

#include "codegen/write_files.hpp"

#include <set>

#include "codegen/names.hpp"
#include "codegen/printing.hpp"
#include "codegen/write_calls.hpp"
#include "codegen/write_entity.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::FileDescriptor;

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
    out.Print(
        "\n#include <cstddef>\n\n#include \"perdure/call.hpp\"\n"
        "#include \"perdure/entity.hpp\"\n\n");
    for (const auto& name : message_headers(file, entities)) {
      out.Print("#include \"$name$\"\n", "name", name);
    }
    out.Print("\n");
    for (const auto* s : entities) {
      declare_entity(*s, out);
      declare_calls(*s->service, out);
    }
  });
}

std::string source(const FileDescriptor& file, const std::vector<const entity_service*>& entities) {
  return print([&](Printer& out) {
    print_banner(file, !entities.empty(), out);
    if (entities.empty()) return;
    out.Print("#include \"$stem$.perdure.hpp\"\n\n", "stem", file_stem(file));
    out.Print("#include <cstdlib>\n#include <utility>\n\n");
    for (const auto* s : entities) {
      define_entity(*s, out);
      define_calls(*s->service, out);
    }
  });
}

}  // namespace

std::vector<written_file> write_files(const FileDescriptor& file, const service_model& model) {
  std::vector<const entity_service*> entities;
  for (const auto& s : model.services) {
    if (s.service->file() == &file) entities.push_back(&s);
  }
  auto stem = file_stem(file);
  return {{stem + ".perdure.hpp", header(file, entities)},
          {stem + ".perdure.cpp", source(file, entities)}};
}

}  // namespace perdure::codegen
