// Text to field, by reflection.

#include "gateway/http_fields.hpp"

#include <google/protobuf/wrappers.pb.h>

#include <charconv>
#include <optional>
#include <set>

#include "gateway/http_json.hpp"

namespace perdure::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <class T>
std::optional<T> number(std::string_view text) {
  T parsed{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return parsed;
}

std::optional<bool> boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

// The number of an enum value: a proto3 enum keeps numbers that have no name.
std::optional<int> enum_number(const FieldDescriptor& field, std::string_view text) {
  const auto& type = *field.enum_type();
  if (const auto* named = type.FindValueByName(std::string(text))) return named->number();
  auto parsed = number<int>(text);
  bool open = type.file()->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO3;
  if (parsed && !open && !type.FindValueByNumber(*parsed)) return std::nullopt;
  return parsed;
}

std::optional<std::string> bytes(std::string_view base64) {
  google::protobuf::BytesValue decoded;
  if (!parse_json(json_quoted(base64), decoded).ok()) return std::nullopt;
  return std::move(*decoded.mutable_value());
}

status wrong_type(const FieldDescriptor& field, std::string_view text) {
  std::string expected = field.type_name();
  if (const auto* type = field.enum_type()) expected = "value of enum " + type->full_name();
  if (const auto* type = field.message_type()) expected = type->full_name();
  return {status_code::invalid_argument,
          "expected a " + expected + ", got " + json_quoted(text.substr(0, 100))};
}

// One call of reflection for a field and the same for an element of a repeated one.
#define PERDURE_PUT(Kind, value)                                  \
  do {                                                            \
    auto parsed = (value);                                        \
    if (!parsed) return wrong_type(field, text);                  \
    if (field.is_repeated()) {                                    \
      reflection.Add##Kind(&message, &field, *std::move(parsed)); \
    } else {                                                      \
      reflection.Set##Kind(&message, &field, *std::move(parsed)); \
    }                                                             \
    return {};                                                    \
  } while (false)

status put(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      PERDURE_PUT(Int32, number<std::int32_t>(text));
    case FieldDescriptor::CPPTYPE_INT64:
      PERDURE_PUT(Int64, number<std::int64_t>(text));
    case FieldDescriptor::CPPTYPE_UINT32:
      PERDURE_PUT(UInt32, number<std::uint32_t>(text));
    case FieldDescriptor::CPPTYPE_UINT64:
      PERDURE_PUT(UInt64, number<std::uint64_t>(text));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      PERDURE_PUT(Double, number<double>(text));
    case FieldDescriptor::CPPTYPE_FLOAT:
      PERDURE_PUT(Float, number<float>(text));
    case FieldDescriptor::CPPTYPE_BOOL:
      PERDURE_PUT(Bool, boolean(text));
    case FieldDescriptor::CPPTYPE_ENUM:
      PERDURE_PUT(EnumValue, enum_number(field, text));
    case FieldDescriptor::CPPTYPE_STRING:
      PERDURE_PUT(String, field.type() == FieldDescriptor::TYPE_BYTES
                              ? bytes(text)
                              : std::optional<std::string>(text));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      auto* part = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                       : reflection.MutableMessage(&message, &field);
      return parse_json(json_quoted(text), *part).ok() ? status() : wrong_type(field, text);
    }
  }
  return wrong_type(field, text);
}

#undef PERDURE_PUT

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
  return put(*at, *path.back(), text);
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
