// Command path over HTTP: one text to one field of a request.

#include "gateway/http_scalar.hpp"

#include <absl/strings/charconv.h>
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

// Takes one of these characters off the front of a text.
bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text[0]) == one_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view take_digits(std::string_view& text) {
  auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  text.remove_prefix(digits.size());
  return digits;
}

// A number as RFC 8259 writes it: -12.50e3 is negative, "12", "50", 3.
struct decimal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;
};

std::optional<decimal> decimal_in(std::string_view text) {
  decimal parts;
  parts.negative = take(text, "-");
  parts.whole = take_digits(text);
  if (parts.whole.empty() || (parts.whole[0] == '0' && parts.whole.size() > 1)) return std::nullopt;
  if (take(text, ".")) {
    parts.fraction = take_digits(text);
    if (parts.fraction.empty()) return std::nullopt;
  }
  if (take(text, "eE")) {
    bool shrinks = !take(text, "+") && take(text, "-");
    auto digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    // More than the digits of any text could make up for.
    constexpr std::int64_t past_all = 1'000'000'000'000;
    auto size = parsed<std::int64_t>(digits).value_or(past_all);
    parts.exponent = shrinks ? -size : size;
  }
  return text.empty() ? std::optional(parts) : std::nullopt;
}

std::optional<double> real(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  // from_chars takes more than numbers of JSON.
  if (!decimal_in(text)) return std::nullopt;
  if (auto value = parsed<double>(text)) return value;
  // Too large, or so small that it is 0; only this one tells which.
  double limit = 0;
  absl::from_chars(text.data(), text.data() + text.size(), limit);
  return std::abs(limit) < 1 ? std::optional(limit) : std::nullopt;
}

std::optional<float> narrow(std::string_view text) {
  auto value = real(text);
  if (!value) return std::nullopt;
  // From here on it would be rounded to infinity, not to the largest float.
  constexpr double past_max = 0x1.ffffffp+127;
  bool too_large = std::isfinite(*value) && std::abs(*value) >= past_max;
  return too_large ? std::nullopt : std::optional(static_cast<float>(*value));
}

// JSON does not tell 1000 from 1e3 or 1000.0. Not by way of a double, which would round.
template <class T>
std::optional<T> integer(std::string_view text) {
  auto parts = decimal_in(text);
  if (!parts) return std::nullopt;
  if (auto value = parsed<T>(text)) return value;
  auto digits = std::string(parts->whole) + std::string(parts->fraction);
  auto zeros = parts->exponent - static_cast<std::int64_t>(parts->fraction.size());
  auto last = digits.find_last_not_of('0');
  if (last == digits.npos) return T{0};
  zeros += static_cast<std::int64_t>(digits.size() - last - 1);
  digits.resize(last + 1);
  if (zeros < 0 || zeros > std::numeric_limits<T>::digits10) return std::nullopt;
  digits.append(static_cast<std::size_t>(zeros), '0');
  digits.erase(0, digits.find_first_not_of('0'));
  return parsed<T>(parts->negative ? '-' + digits : digits);
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
  const auto* article = expected.starts_with("int") ? "an " : "a ";
  return {status_code::invalid_argument,
          "expected " + (article + expected) + ", got " + std::string(got)};
}

bool is_plain_integer(std::string_view text) {
  auto parts = decimal_in(text);
  bool is_whole = text.find_first_of(".eE") == text.npos;
  return parts && is_whole && text != "-0";
}

std::string base64_encoded(std::string_view bytes) {
  return absl::Base64Escape({bytes.data(), bytes.size()});
}

std::optional<std::string> base64_decoded(std::string_view text) {
  // The library would skip spaces, and take dots for padding.
  if (text.find_first_of(" \t\r\n\v\f.") != text.npos) return std::nullopt;
  // Where the last digit is not needed whole, the library drops its further bits.
  auto digits = text.substr(0, text.find('='));
  auto rest = digits.size() % 4;
  constexpr std::string_view with_2_bits = "AQgw";
  constexpr std::string_view with_4_bits = "AEIMQUYcgkosw048";
  if (rest == 2 && with_2_bits.find(digits.back()) == text.npos) return std::nullopt;
  if (rest == 3 && with_4_bits.find(digits.back()) == text.npos) return std::nullopt;
  std::string decoded;
  absl::string_view encoded(text.data(), text.size());
  bool done =
      absl::Base64Unescape(encoded, &decoded) || absl::WebSafeBase64Unescape(encoded, &decoded);
  return done ? std::optional(std::move(decoded)) : std::nullopt;
}

}  // namespace perdure::gateway
