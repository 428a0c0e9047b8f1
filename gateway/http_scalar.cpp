// Command path over HTTP: one text to one field of a request.

#include "gateway/http_scalar.hpp"

#include <absl/strings/escaping.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "gateway/http_json.hpp"

namespace perdure::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> real(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  // from_chars knows further names for these.
  auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits[0] < '0' || digits[0] > '9') return std::nullopt;
  return parsed<double>(text);
}

std::optional<float> narrow(std::string_view text) {
  auto value = real(text);
  if (!value) return std::nullopt;
  // From here on it would be rounded to infinity, not to the largest float.
  constexpr double past_max = 0x1.ffffffp+127;
  bool too_large = std::isfinite(*value) && std::abs(*value) >= past_max;
  return too_large ? std::nullopt : std::optional(static_cast<float>(*value));
}

// JSON does not tell 1000 from 1e3 or 1000.0.
template <class T>
std::optional<T> integer(std::string_view text) {
  if (auto digits = parsed<T>(text)) return digits;
  if (text.find_first_of(".eE") == text.npos) return std::nullopt;
  auto value = real(text);
  auto past_max = std::ldexp(1.0, std::numeric_limits<T>::digits);
  auto min = std::is_signed_v<T> ? -past_max : 0.0;
  if (!value || std::trunc(*value) != *value || *value < min || *value >= past_max) {
    return std::nullopt;
  }
  return static_cast<T>(*value);
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
  auto number = integer<int>(text);
  bool open = type.file()->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO3;
  if (number && !open && !type.FindValueByNumber(*number)) return std::nullopt;
  return number;
}

// One call of reflection for a field and the same for an element of a repeated one.
#define PERDURE_PUT(Kind, made)                                             \
  do {                                                                      \
    auto value = (made);                                                    \
    if (!value) return wrong_type(field, json_quoted(text.substr(0, 100))); \
    if (field.is_repeated()) {                                              \
      reflection.Add##Kind(&message, &field, *std::move(value));            \
    } else {                                                                \
      reflection.Set##Kind(&message, &field, *std::move(value));            \
    }                                                                       \
    return {};                                                              \
  } while (false)

}  // namespace

status put_scalar(Message& message, const FieldDescriptor& field, std::string_view text) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      PERDURE_PUT(Int32, integer<std::int32_t>(text));
    case FieldDescriptor::CPPTYPE_INT64:
      PERDURE_PUT(Int64, integer<std::int64_t>(text));
    case FieldDescriptor::CPPTYPE_UINT32:
      PERDURE_PUT(UInt32, integer<std::uint32_t>(text));
    case FieldDescriptor::CPPTYPE_UINT64:
      PERDURE_PUT(UInt64, integer<std::uint64_t>(text));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      PERDURE_PUT(Double, real(text));
    case FieldDescriptor::CPPTYPE_FLOAT:
      PERDURE_PUT(Float, narrow(text));
    case FieldDescriptor::CPPTYPE_BOOL:
      PERDURE_PUT(Bool, boolean(text));
    case FieldDescriptor::CPPTYPE_ENUM:
      PERDURE_PUT(EnumValue, enum_number(field, text));
    case FieldDescriptor::CPPTYPE_STRING:
      PERDURE_PUT(String, field.type() == FieldDescriptor::TYPE_BYTES
                              ? base64_decoded(text)
                              : std::optional<std::string>(text));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return wrong_type(field, json_quoted(text.substr(0, 100)));
}

#undef PERDURE_PUT

status wrong_type(const FieldDescriptor& field, std::string_view got) {
  std::string expected = field.type_name();
  if (const auto* type = field.enum_type()) expected = "value of enum " + type->full_name();
  if (const auto* type = field.message_type()) expected = type->full_name();
  return {status_code::invalid_argument, "expected a " + expected + ", got " + std::string(got)};
}

std::optional<std::string> base64_decoded(std::string_view text) {
  // The library would skip spaces.
  if (text.find_first_of(" \t\r\n\v\f") != text.npos) return std::nullopt;
  std::string decoded;
  absl::string_view encoded(text.data(), text.size());
  bool done =
      absl::Base64Unescape(encoded, &decoded) || absl::WebSafeBase64Unescape(encoded, &decoded);
  return done ? std::optional(std::move(decoded)) : std::nullopt;
}

}  // namespace perdure::gateway
