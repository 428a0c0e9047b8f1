// Command path over HTTP: which types of message have a JSON that follows from their fields.

#include "gateway/http_json_shape.hpp"

#include <unordered_set>

namespace perdure::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// Whether the type stands for its fields; what types these have is another question.
bool is_ordinary(const Descriptor& type) {
  const auto& file = *type.file();
  if (file.package() == "google.protobuf") return type.full_name() == "google.protobuf.Empty";
  return file.syntax() == FileDescriptor::SYNTAX_PROTO3 &&
         file.pool() == DescriptorPool::generated_pool();
}

bool is_plain(const Descriptor& type, std::unordered_set<const Descriptor*>& visited) {
  if (!visited.insert(&type).second) return true;
  if (!is_ordinary(type)) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const auto* part = type.field(i)->message_type();
    if (part && !is_plain(*part, visited)) return false;
    // NullValue is written as null.
    const auto* named = type.field(i)->enum_type();
    if (named && named->file()->package() == "google.protobuf") return false;
  }
  return true;
}

json_shape made_of(const Descriptor& type) {
  std::unordered_set<const Descriptor*> visited;
  json_shape shape{is_plain(type, visited), {}};
  for (int i = 0; i < type.field_count(); ++i) {
    shape.fields.emplace(type.field(i)->json_name(), type.field(i));
  }
  for (int i = 0; i < type.field_count(); ++i) {
    shape.fields.emplace(type.field(i)->name(), type.field(i));
  }
  return shape;
}

}  // namespace

const json_shape& json_shape_of(const Descriptor& type) {
  thread_local std::unordered_map<const Descriptor*, json_shape> known;
  auto found = known.find(&type);
  if (found == known.end()) found = known.emplace(&type, made_of(type)).first;
  return found->second;
}

}  // namespace perdure::gateway
