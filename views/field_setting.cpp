// The way back of row_values: from what SQL answers into fields, for result_making. Strict, as a
// value that is quietly made to fit is a wrong answer.

#include <google/protobuf/descriptor.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "views/row_json.hpp"
#include "views/row_times.hpp"
#include "views/row_values.hpp"

namespace perdure::views {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string shown(const sql_value& value) {
  constexpr std::size_t shown_max = 60;
  if (auto* number = std::get_if<std::int64_t>(&value))
    return "the integer " + std::to_string(*number);
  if (auto* number = std::get_if<double>(&value)) return "the real " + std::to_string(*number);
  if (auto* text = std::get_if<std::string>(&value)) {
    bool is_long = text->size() > shown_max;
    return "the text '" + readable(text->substr(0, shown_max)) + (is_long ? "...'" : "'");
  }
  return std::holds_alternative<sql_blob>(value) ? "a blob" : "NULL";
}

status misfit(const FieldDescriptor& field, const sql_value& value, std::string_view expected) {
  return status(status_code::invalid_argument, "\"" + field.name() + "\" takes " +
                                                   std::string(expected) + ", not " + shown(value));
}

// Sets the field, or adds to it.
struct target {
  Message& message;
  const Reflection& reflection;
  const FieldDescriptor& field;
  bool adds;

  template <class T, class Value>
  status put(void (Reflection::*set)(Message*, const FieldDescriptor*, T) const,
             void (Reflection::*add)(Message*, const FieldDescriptor*, T) const,
             Value&& value) const {
    (reflection.*(adds ? add : set))(&message, &field, std::forward<Value>(value));
    return {};
  }

  Message& sub_message() const {
    return adds ? *reflection.AddMessage(&message, &field)
                : *reflection.MutableMessage(&message, &field);
  }
};

// The value as an integer of this type; nullopt: it is none.
template <class Integer>
std::optional<Integer> integer_of(const sql_value& value) {
  using bounds = std::numeric_limits<Integer>;
  if (auto* number = std::get_if<std::int64_t>(&value)) {
    if (!std::in_range<Integer>(*number)) return std::nullopt;
    return static_cast<Integer>(*number);
  }
  auto* number = std::get_if<double>(&value);
  if (!number || *number != std::trunc(*number)) return std::nullopt;
  // The bounds are powers of two, of which a double has the ones past the last integer exactly.
  double past = std::ldexp(1.0, bounds::digits);
  if (*number >= past || *number < static_cast<double>(bounds::min())) return std::nullopt;
  return static_cast<Integer>(*number);
}

template <class Integer>
status put_integer(const target& to, const sql_value& value,
                   void (Reflection::*set)(Message*, const FieldDescriptor*, Integer) const,
                   void (Reflection::*add)(Message*, const FieldDescriptor*, Integer) const) {
  auto number = integer_of<Integer>(value);
  if (!number) {
    using bounds = std::numeric_limits<Integer>;
    return misfit(to.field, value,
                  "an integer from " + std::to_string(bounds::min()) + " to " +
                      std::to_string(bounds::max()));
  }
  return to.put(set, add, *number);
}

std::optional<double> real_of(const sql_value& value) {
  if (auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
  if (auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

status put_float(const target& to, const sql_value& value) {
  auto number = real_of(value);
  bool fits = number && (std::isinf(*number) ||
                         std::fabs(*number) <= double{std::numeric_limits<float>::max()});
  if (!fits) return misfit(to.field, value, "a number that a float has");
  return to.put(&Reflection::SetFloat, &Reflection::AddFloat, static_cast<float>(*number));
}

status put_bool(const target& to, const sql_value& value) {
  auto* number = std::get_if<std::int64_t>(&value);
  if (!number || (*number != 0 && *number != 1)) return misfit(to.field, value, "0 or 1");
  return to.put(&Reflection::SetBool, &Reflection::AddBool, *number == 1);
}

std::optional<int> enum_number(const google::protobuf::EnumDescriptor& type,
                               const sql_value& value) {
  auto number = integer_of<std::int32_t>(value);
  if (auto* text = std::get_if<std::string>(&value)) {
    if (auto* named = type.FindValueByName(*text)) return named->number();
    int digits = 0;
    auto* end = text->data() + text->size();
    auto read = std::from_chars(text->data(), end, digits);
    if (read.ec == std::errc{} && read.ptr == end) number = digits;
  }
  using google::protobuf::FileDescriptor;
  bool is_open = type.file()->syntax() == FileDescriptor::SYNTAX_PROTO3;
  if (number && !is_open && !type.FindValueByNumber(*number)) return std::nullopt;
  return number;
}

status put_enum(const target& to, const sql_value& value) {
  auto& type = *to.field.enum_type();
  auto number = enum_number(type, value);
  if (!number) return misfit(to.field, value, "a name of enum " + type.full_name());
  return to.put(&Reflection::SetEnumValue, &Reflection::AddEnumValue, *number);
}

status put_string(const target& to, const sql_value& value) {
  auto* text = std::get_if<std::string>(&value);
  bool is_bytes = to.field.type() == FieldDescriptor::TYPE_BYTES;
  if (auto* blob = std::get_if<sql_blob>(&value); blob && is_bytes) text = &blob->bytes;
  if (!text || (!is_bytes && !is_utf8(*text))) {
    return misfit(to.field, value, is_bytes ? "a blob or text" : "text in UTF-8");
  }
  return to.put(&Reflection::SetString, &Reflection::AddString, *text);
}

status put_time(const target& to, const sql_value& value, column_type type) {
  std::optional<seconds_and_nanos> time;
  bool is_timestamp = type == column_type::timestamp;
  if (auto* text = std::get_if<std::string>(&value); text && is_timestamp) {
    time = timestamp_of(*text);
  }
  if (auto seconds = real_of(value); seconds && !is_timestamp) time = duration_of(*seconds);
  if (!time) {
    return misfit(to.field, value,
                  is_timestamp ? "a time as 2026-02-03T04:05:06Z" : "a number of seconds");
  }
  auto& message = to.sub_message();
  auto* described = message.GetDescriptor();
  auto* reflection = message.GetReflection();
  reflection->SetInt64(&message, described->FindFieldByNumber(1), time->seconds);
  reflection->SetInt32(&message, described->FindFieldByNumber(2), time->nanos);
  return {};
}

status put_message(const target& to, const sql_value& value) {
  auto type = element_type_of(to.field);
  if (type == column_type::timestamp || type == column_type::duration) {
    return put_time(to, value, type);
  }
  if (type == column_type::json) {
    auto* text = std::get_if<std::string>(&value);
    if (!text) return misfit(to.field, value, "JSON as text");
    return set_element_from_json(to.message, to.field, *text);
  }
  auto& wrapper = to.sub_message();
  return set_value(wrapper, *wrapper.GetDescriptor()->field(0), value);
}

status put(const target& to, const sql_value& value) {
  switch (to.field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put_integer<std::int32_t>(to, value, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return put_integer<std::int64_t>(to, value, &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return put_integer<std::uint32_t>(to, value, &Reflection::SetUInt32, &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return put_integer<std::uint64_t>(to, value, &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (auto number = real_of(value)) {
        return to.put(&Reflection::SetDouble, &Reflection::AddDouble, *number);
      }
      return misfit(to.field, value, "a number");
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put_float(to, value);
    case FieldDescriptor::CPPTYPE_BOOL:
      return put_bool(to, value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return put_enum(to, value);
    case FieldDescriptor::CPPTYPE_STRING:
      return put_string(to, value);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return put_message(to, value);
  }
  PERDURE_CHECK(false);
}

}  // namespace

status set_value(Message& message, const FieldDescriptor& field, const sql_value& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (!field.is_repeated()) return put({message, *message.GetReflection(), field, false}, value);
  auto* text = std::get_if<std::string>(&value);
  if (!text) return misfit(field, value, "a JSON array or object as text");
  return set_from_json(message, field, *text);
}

status add_value(Message& message, const FieldDescriptor& field, const sql_value& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  return put({message, *message.GetReflection(), field, true}, value);
}

}  // namespace perdure::views
