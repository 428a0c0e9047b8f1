// Between row_schema's columns and messages: what projector writes of a row and result_making
// reads.

#include "views/row_values.hpp"

#include <google/protobuf/descriptor.h>

#include <cmath>
#include <limits>

#include "base/check.hpp"
#include "views/row_json.hpp"
#include "views/row_times.hpp"

namespace perdure::views {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Of a singular field (index < 0) or of an element.
struct place {
  const Message& message;
  const Reflection& reflection;
  const FieldDescriptor& field;
  int index;

  const Message& sub_message() const {
    return index < 0 ? reflection.GetMessage(message, &field)
                     : reflection.GetRepeatedMessage(message, &field, index);
  }
};

template <class T>
T get(const place& at, T (Reflection::*one)(const Message&, const FieldDescriptor*) const,
      T (Reflection::*element)(const Message&, const FieldDescriptor*, int) const) {
  return at.index < 0 ? (at.reflection.*one)(at.message, &at.field)
                      : (at.reflection.*element)(at.message, &at.field, at.index);
}

sql_value real(double number) {
  if (std::isnan(number)) return std::monostate{};
  return number;
}

sql_value unsigned_integer(std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return static_cast<double>(number);
  }
  return static_cast<std::int64_t>(number);
}

std::string text_of(const place& at) {
  std::string copy;
  return at.index < 0
             ? at.reflection.GetStringReference(at.message, &at.field, &copy)
             : at.reflection.GetRepeatedStringReference(at.message, &at.field, at.index, &copy);
}

sql_value enum_name(const place& at) {
  int number = get(at, &Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue);
  auto* named = at.field.enum_type()->FindValueByNumber(number);
  return named ? named->name() : std::to_string(number);
}

// Timestamp and Duration have the same two fields.
seconds_and_nanos time_of(const Message& message) {
  auto* type = message.GetDescriptor();
  auto* reflection = message.GetReflection();
  return {reflection->GetInt64(message, type->FindFieldByNumber(1)),
          reflection->GetInt32(message, type->FindFieldByNumber(2))};
}

sql_value message_value(const place& at, column_type type) {
  auto& message = at.sub_message();
  if (type == column_type::timestamp) {
    auto time = time_of(message);
    return timestamp_text(time.seconds, time.nanos);
  }
  if (type == column_type::duration) {
    auto time = time_of(message);
    return static_cast<double>(time.seconds) + time.nanos * 1e-9;
  }
  return field_value(message, *message.GetDescriptor()->field(0));  // of a wrapper
}

sql_value value_in(const place& at, column_type type) {
  switch (at.field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::int64_t{get(at, &Reflection::GetInt32, &Reflection::GetRepeatedInt32)};
    case FieldDescriptor::CPPTYPE_INT64:
      return std::int64_t{get(at, &Reflection::GetInt64, &Reflection::GetRepeatedInt64)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::int64_t{get(at, &Reflection::GetUInt32, &Reflection::GetRepeatedUInt32)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return unsigned_integer(get(at, &Reflection::GetUInt64, &Reflection::GetRepeatedUInt64));
    case FieldDescriptor::CPPTYPE_BOOL:
      return std::int64_t{get(at, &Reflection::GetBool, &Reflection::GetRepeatedBool)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return real(get(at, &Reflection::GetDouble, &Reflection::GetRepeatedDouble));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return real(get(at, &Reflection::GetFloat, &Reflection::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_ENUM:
      return enum_name(at);
    case FieldDescriptor::CPPTYPE_STRING:
      if (type == column_type::bytes) return sql_blob{text_of(at)};
      return text_of(at);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return message_value(at, type);
  }
  PERDURE_CHECK(false);
}

// The message in which the last field of the path stands; null where one around it is not there.
const Message* innermost(const Message& row, const std::vector<const FieldDescriptor*>& path) {
  const Message* inside = &row;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    auto* reflection = inside->GetReflection();
    if (!reflection->HasField(*inside, path[i])) return nullptr;
    inside = &reflection->GetMessage(*inside, path[i]);
  }
  return inside;
}

sql_value value_by(const Message& row, const std::vector<const FieldDescriptor*>& path,
                   column_type type) {
  auto* message = innermost(row, path);
  if (!message) return std::monostate{};
  auto& field = *path.back();
  auto& reflection = *message->GetReflection();
  if (field.has_presence() && !reflection.HasField(*message, &field)) return std::monostate{};
  if (type == column_type::json) return json_of(*message, field);
  return value_in({*message, reflection, field, -1}, type);
}

}  // namespace

sql_value value_of(const Message& row, const column& of) { return value_by(row, of.path, of.type); }

sql_value value_at(const Message& message, const std::vector<const FieldDescriptor*>& path) {
  return value_by(message, path, type_of(*path.back()));
}

sql_value field_value(const Message& message, const FieldDescriptor& field) {
  auto type = type_of(field);
  if (type == column_type::json) return json_of(message, field);
  return value_in({message, *message.GetReflection(), field, -1}, type);
}

sql_value element_value(const Message& message, const FieldDescriptor& field, int index) {
  return value_in({message, *message.GetReflection(), field, index}, element_type_of(field));
}

}  // namespace perdure::views
