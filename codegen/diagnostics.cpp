// Errors and their places. Source info comes with protoc's request; without it (a descriptor set
// made by other tools) the file's name has to do.

#include "codegen/diagnostics.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>

#include "perdure/annotations.pb.h"

namespace perdure::codegen {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodDescriptorProto;
using google::protobuf::ServiceDescriptorProto;

bool begins_with(const google::protobuf::RepeatedField<int>& path, const source_path& prefix) {
  return path.size() >= static_cast<int>(prefix.size()) &&
         std::equal(prefix.begin(), prefix.end(), path.begin());
}

// An option may be written whole or field by field, so its own location, one around it or one
// inside it is the one that exists.
int line_of(const google::protobuf::FileDescriptor& file, source_path path) {
  FileDescriptorProto proto;
  file.CopySourceCodeInfoTo(&proto);
  const auto& locations = proto.source_code_info().location();
  for (; !path.empty(); path.pop_back()) {
    auto found = std::ranges::find_if(
        locations, [&](const auto& location) { return begins_with(location.path(), path); });
    if (found != locations.end()) return found->span(0) + 1;
  }
  return 0;
}

}  // namespace

source_path file_option_path(int option_number) {
  return {FileDescriptorProto::kOptionsFieldNumber, kFileFieldNumber, option_number};
}

source_path service_option_path(const google::protobuf::ServiceDescriptor& service,
                                int option_number) {
  return {FileDescriptorProto::kServiceFieldNumber, service.index(),
          ServiceDescriptorProto::kOptionsFieldNumber, kServiceFieldNumber, option_number};
}

source_path method_option_path(const google::protobuf::MethodDescriptor& method,
                               int option_number) {
  return {FileDescriptorProto::kServiceFieldNumber,
          method.service()->index(),
          ServiceDescriptorProto::kMethodFieldNumber,
          method.index(),
          MethodDescriptorProto::kOptionsFieldNumber,
          kMethodFieldNumber,
          option_number};
}

void diagnostics::error(const google::protobuf::FileDescriptor& file, const source_path& path,
                        const std::string& text) {
  add(file, line_of(file, path), text);
}

void diagnostics::error_at(const google::protobuf::MethodDescriptor& rpc, const std::string& text) {
  google::protobuf::SourceLocation location;
  bool known = rpc.GetSourceLocation(&location);
  add(*rpc.service()->file(), known ? location.start_line + 1 : 0, text);
}

void diagnostics::error_at(const google::protobuf::EnumValueDescriptor& value,
                           const std::string& text) {
  google::protobuf::SourceLocation location;
  bool known = value.GetSourceLocation(&location);
  add(*value.type()->file(), known ? location.start_line + 1 : 0, text);
}

void diagnostics::add(const google::protobuf::FileDescriptor& file, int line,
                      const std::string& text) {
  errors_.push_back({file.name(), line, text});
}

std::string diagnostics::text(const std::string& kind) const {
  auto sorted = errors_;
  std::ranges::sort(sorted);
  // A message that several rpcs take is looked at once for each.
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string result;
  for (const auto& [file, line, text] : sorted) {
    if (!result.empty()) result += '\n';
    result += file;
    if (line > 0) result += ":" + std::to_string(line);
    result += ": " + kind + text;
  }
  return result;
}

}  // namespace perdure::codegen
