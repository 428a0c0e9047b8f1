// Checks of (perdure.field).entity_key: every request of an entity names the entity it is for.

#include "codegen/checks.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

bool is_key(const FieldDescriptor& candidate) {
  return candidate.options().GetExtension(perdure::field).entity_key();
}

// What base/entity_id.cpp can make text of.
bool is_key_type(const FieldDescriptor& key) {
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return key.type() == FieldDescriptor::TYPE_STRING;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    default:
      return false;
  }
}

void check_key(const FieldDescriptor& key, diagnostics& errors) {
  auto subject = key.containing_type()->name() + "." + key.name() + ": ";
  if (key.file()->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3) {
    errors.error_at(key, subject +
                             "an entity key cannot stand in a proto2 file, whose strings need not "
                             "be UTF-8; use syntax = \"proto3\"");
  }
  if (key.is_map()) {
    errors.error_at(key, subject + "an entity key cannot be a map; use a string or an integer");
  } else if (key.is_repeated()) {
    errors.error_at(key,
                    subject +
                        "an entity key cannot be repeated; for a key of several parts annotate "
                        "several fields");
  } else if (!is_key_type(key)) {
    errors.error_at(
        key, subject + "an entity key must be a string or an integer, not " + key.type_name());
  }
  if (const auto* choice = key.real_containing_oneof()) {
    errors.error_at(key, subject + "an entity key cannot stand in a oneof (\"" + choice->name() +
                             "\"), where it may be absent; move it out");
  }
}

void check_request(const MethodDescriptor& rpc, diagnostics& errors) {
  const auto& request = *rpc.input_type();
  bool has_key = false;
  for (int i = 0; i < request.field_count(); ++i) {
    if (!is_key(*request.field(i))) continue;
    has_key = true;
    check_key(*request.field(i), errors);
  }
  if (has_key) return;
  errors.error_at(rpc, "rpc " + rpc.name() + ": request " + request.full_name() +
                           " has no key field; mark what names the entity with "
                           "[(perdure.field).entity_key = true]");
}

}  // namespace

void check_keys(const service_model& model, diagnostics& errors) {
  for (const auto& s : model.services) {
    if (!model.is_written(*s.service->file())) continue;
    for (int i = 0; i < s.service->method_count(); ++i) {
      check_request(*s.service->method(i), errors);
    }
  }
}

}  // namespace perdure::codegen
