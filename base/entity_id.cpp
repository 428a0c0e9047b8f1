// From a command to the id of the entity it is for, by the descriptors' annotations.

#include "base/entity_id.hpp"

#include <algorithm>
#include <optional>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "perdure/annotations.pb.h"

namespace perdure {
namespace {

using google::protobuf::FieldDescriptor;

// Whether a part may stand in an id at all.
std::optional<std::string> complaint_about(std::string_view part) {
  if (part.empty()) return "is the entity key and must not be empty";
  if (part.find('\0') != part.npos) return "is the entity key and must not hold a NUL character";
  if (!is_utf8(part)) return "is the entity key and must be UTF-8";
  return std::nullopt;
}

std::string text_of(const google::protobuf::Message& command, const FieldDescriptor& field) {
  const auto& reflection = *command.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(command, &field);
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection.GetInt32(command, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(command, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection.GetUInt32(command, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection.GetUInt64(command, &field));
    default:
      // The generator refuses keys of any other type.
      check_failed("entity key is a string or an integer", __FILE__, __LINE__);
  }
}

void append_escaped(std::string& id, std::string_view part) {
  for (char c : part) {
    if (c == '|' || c == '\\') id += '\\';
    id += c;
  }
}

}  // namespace

std::vector<const FieldDescriptor*> entity_key_fields(const google::protobuf::Descriptor& command) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < command.field_count(); ++i) {
    if (command.field(i)->options().GetExtension(perdure::field).entity_key()) {
      fields.push_back(command.field(i));
    }
  }
  std::ranges::sort(fields, {}, [](const FieldDescriptor* f) { return f->number(); });
  return fields;
}

result<std::string> entity_id_of(const google::protobuf::Message& command,
                                 const std::vector<const FieldDescriptor*>& fields,
                                 std::size_t bytes_max) {
  PERDURE_CHECK(!fields.empty());
  std::string id;
  for (const auto* key_field : fields) {
    if (key_field->has_presence() && !command.GetReflection()->HasField(command, key_field)) {
      return status(status_code::invalid_argument,
                    key_field->name() + " is the entity key and must be there");
    }
    auto part = text_of(command, *key_field);
    if (auto complaint = complaint_about(part)) {
      return status(status_code::invalid_argument, key_field->name() + " " + *complaint);
    }
    if (fields.size() == 1) {
      id = std::move(part);
    } else {
      if (key_field != fields.front()) id += '|';
      append_escaped(id, part);
    }
  }
  if (id.size() > bytes_max) {
    return status(status_code::invalid_argument, "the entity key has " + std::to_string(id.size()) +
                                                     " bytes, at most " +
                                                     std::to_string(bytes_max) + " are allowed");
  }
  return id;
}

}  // namespace perdure
