// Command path over HTTP, the way back: message to JSON, by reflection.

#include "gateway/http_json_writer.hpp"

#include <absl/strings/escaping.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace perdure::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using memory = rapidjson::MemoryPoolAllocator<>;
using buffer = rapidjson::StringBuffer;

// In the place of an element's index: the field is not repeated.
constexpr int alone = -1;

class message_printer {
 public:
  message_printer(buffer& out, memory& pool) : out_(out, &pool) {}

  void print(const Message& message) {
    const auto& type = *message.GetDescriptor();
    const auto& reflection = *message.GetReflection();
    out_.StartObject();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& field = *type.field(i);
      if (field.has_presence() && !reflection.HasField(message, &field)) continue;
      name(field.json_name());
      if (field.is_map()) {
        print_map(message, field);
      } else if (field.is_repeated()) {
        print_list(message, field);
      } else {
        print_value(message, field, alone);
      }
    }
    out_.EndObject();
  }

 private:
  void print_list(const Message& message, const FieldDescriptor& field) {
    int size = message.GetReflection()->FieldSize(message, &field);
    out_.StartArray();
    for (int i = 0; i < size; ++i) print_value(message, field, i);
    out_.EndArray();
  }

  void print_map(const Message& message, const FieldDescriptor& field) {
    const auto& reflection = *message.GetReflection();
    const auto& key = *field.message_type()->map_key();
    const auto& value = *field.message_type()->map_value();
    int size = reflection.FieldSize(message, &field);
    out_.StartObject();
    for (int i = 0; i < size; ++i) {
      const auto& entry = reflection.GetRepeatedMessage(message, &field, i);
      print_key(entry, key);
      print_value(entry, value, alone);
    }
    out_.EndObject();
  }

  void print_key(const Message& entry, const FieldDescriptor& key) {
    const auto& reflection = *entry.GetReflection();
    switch (key.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return name(digits(reflection.GetInt32(entry, &key)));
      case FieldDescriptor::CPPTYPE_INT64:
        return name(digits(reflection.GetInt64(entry, &key)));
      case FieldDescriptor::CPPTYPE_UINT32:
        return name(digits(reflection.GetUInt32(entry, &key)));
      case FieldDescriptor::CPPTYPE_UINT64:
        return name(digits(reflection.GetUInt64(entry, &key)));
      case FieldDescriptor::CPPTYPE_BOOL:
        return name(reflection.GetBool(entry, &key) ? "true" : "false");
      default:
        return name(reflection.GetStringReference(entry, &key, &text_));
    }
  }

// One call of reflection for a field and the same for an element of a repeated one.
#define PERDURE_GET(Kind)                                 \
  (index == alone ? reflection.Get##Kind(message, &field) \
                  : reflection.GetRepeated##Kind(message, &field, index))

  void print_value(const Message& message, const FieldDescriptor& field, int index) {
    const auto& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        out_.Int(PERDURE_GET(Int32));
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        out_.Uint(PERDURE_GET(UInt32));
        return;
      // Most readers hold numbers in a double, which has no room for these.
      case FieldDescriptor::CPPTYPE_INT64:
        return string(digits(PERDURE_GET(Int64)));
      case FieldDescriptor::CPPTYPE_UINT64:
        return string(digits(PERDURE_GET(UInt64)));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return real(PERDURE_GET(Double));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return real(PERDURE_GET(Float));
      case FieldDescriptor::CPPTYPE_BOOL:
        out_.Bool(PERDURE_GET(Bool));
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        return enum_value(field, PERDURE_GET(EnumValue));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return print(PERDURE_GET(Message));
      case FieldDescriptor::CPPTYPE_STRING: {
        const auto& bytes =
            index == alone ? reflection.GetStringReference(message, &field, &text_)
                           : reflection.GetRepeatedStringReference(message, &field, index, &text_);
        bool is_text = field.type() == FieldDescriptor::TYPE_STRING;
        return is_text ? string(bytes) : string(absl::Base64Escape(bytes));
      }
    }
  }

#undef PERDURE_GET

  // A number without a name is kept as it is.
  void enum_value(const FieldDescriptor& field, int number) {
    const auto* named = field.enum_type()->FindValueByNumber(number);
    if (named) return string(named->name());
    out_.Int(number);
  }

  // The shortest text that reads back as the same number.
  template <class T>
  void real(T value) {
    if (std::isnan(value)) return string("NaN");
    if (std::isinf(value)) return string(value > 0 ? "Infinity" : "-Infinity");
    auto size = std::abs(value);
    bool short_enough = size == 0 || (size >= T(1e-4) && size < T(1e15));
    auto format = short_enough ? std::chars_format::fixed : std::chars_format::scientific;
    auto end = std::to_chars(number_.data(), number_.data() + number_.size(), value, format).ptr;
    out_.RawValue(number_.data(), static_cast<std::size_t>(end - number_.data()),
                  rapidjson::kNumberType);
  }

  // Stays until the next number.
  template <class T>
  std::string_view digits(T value) {
    auto end = std::to_chars(number_.data(), number_.data() + number_.size(), value).ptr;
    return {number_.data(), static_cast<std::size_t>(end - number_.data())};
  }

  void name(std::string_view text) {
    out_.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }

  void string(std::string_view text) {
    out_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }

  rapidjson::Writer<buffer, rapidjson::UTF8<>, rapidjson::UTF8<>, memory> out_;
  std::array<char, 32> number_;
  std::string text_;  // for reflection to put a string where it does not hold one
};

}  // namespace

std::string write_json(const Message& message) {
  // The writer's notes on what has begun; only deep messages need more.
  char scratch[1024];
  memory pool(scratch, sizeof scratch);
  // The text grows, and a pool would keep each size that it had.
  rapidjson::CrtAllocator heap;
  buffer out(&heap, 1024);
  message_printer(out, pool).print(message);
  return {out.GetString(), out.GetSize()};
}

}  // namespace perdure::gateway
