// Text to field, by reflection.

#include "gateway/http_fields.hpp"

#include <set>
#include <string>

#include "gateway/http_json.hpp"
#include "gateway/http_scalar.hpp"

namespace perdure::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A well-known message that JSON writes as one text.
status put_message(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto& reflection = *message.GetReflection();
  auto* part = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                   : reflection.MutableMessage(&message, &field);
  auto quoted = json_quoted(text);
  return parse_json(quoted, *part).ok() ? status()
                                        : wrong_type(field, json_quoted(text.substr(0, 100)));
}

// proto3 allows one member of a oneof; the last one set would silently win.
status check_oneof(const Message& message, const FieldDescriptor& field) {
  const auto* group = field.containing_oneof();
  if (!group) return {};
  const auto* other = message.GetReflection()->GetOneofFieldDescriptor(message, group);
  if (!other || other == &field) return {};
  return {status_code::invalid_argument,
          "only one of " + field.name() + " and " + other->name() + " can be given"};
}

}  // namespace

field_path find_field(const Descriptor& type, std::string_view dotted) {
  field_path path;
  const auto* at = &type;
  for (;;) {
    auto dot = std::min(dotted.find('.'), dotted.size());
    std::string name(dotted.substr(0, dot));
    const auto* field = at ? at->FindFieldByName(name) : nullptr;
    if (at && !field) field = at->FindFieldByCamelcaseName(name);
    if (!field && at) {
      for (int i = 0; i < at->field_count() && !field; ++i) {
        if (at->field(i)->json_name() == name) field = at->field(i);
      }
    }
    if (!field) return {};
    path.push_back(field);
    if (dot == dotted.size()) return path;
    // Elements of a repeated field have no name.
    at = field->is_repeated() ? nullptr : field->message_type();
    dotted.remove_prefix(dot + 1);
  }
}

bool takes_text(const FieldDescriptor& field) {
  const auto* type = field.message_type();
  if (!type) return true;
  static const std::set<std::string> as_text = {
      "google.protobuf.Timestamp",   "google.protobuf.Duration",    "google.protobuf.FieldMask",
      "google.protobuf.StringValue", "google.protobuf.BytesValue",  "google.protobuf.BoolValue",
      "google.protobuf.Int32Value",  "google.protobuf.Int64Value",  "google.protobuf.UInt32Value",
      "google.protobuf.UInt64Value", "google.protobuf.DoubleValue", "google.protobuf.FloatValue"};
  return as_text.contains(type->full_name());
}

status set_field(Message& message, const field_path& path, std::string_view text) {
  auto* at = &message;
  for (const auto* step : path) {
    if (auto s = check_oneof(*at, *step); !s.ok()) return s;
    if (step == path.back()) break;
    at = at->GetReflection()->MutableMessage(at, step);
  }
  const auto& field = *path.back();
  return field.message_type() ? put_message(*at, field, text) : put_scalar(*at, field, text);
}

std::string field_names(const Descriptor& type) {
  if (type.field_count() == 0) return "no field";
  std::string names;
  for (int i = 0; i < type.field_count(); ++i) {
    if (i > 0) names += i + 1 == type.field_count() ? " and " : ", ";
    names += type.field(i)->name();
  }
  return names;
}

}  // namespace perdure::gateway
