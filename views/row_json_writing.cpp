// From messages to the JSON in columns; row_json_reading is the way back.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/stubs/strutil.h>

#include <charconv>
#include <cmath>
#include <map>

#include "views/row_json.hpp"
#include "views/row_values.hpp"

namespace perdure::views {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class json_writer {
 public:
  std::string take() && { return std::move(out_); }

  void field(const Message& message, const FieldDescriptor& of) {
    if (of.is_map()) return map(message, of);
    if (of.is_repeated()) return array(message, of);
    if (element_type_of(of) != column_type::json) return scalar(field_value(message, of), of);
    whole(message.GetReflection()->GetMessage(message, &of));
  }

 private:
  void array(const Message& message, const FieldDescriptor& of) {
    auto* reflection = message.GetReflection();
    bool is_json = element_type_of(of) == column_type::json;
    out_ += '[';
    for (int i = 0; i < reflection->FieldSize(message, &of); ++i) {
      if (i > 0) out_ += ',';
      if (is_json) {
        whole(reflection->GetRepeatedMessage(message, &of, i));
      } else {
        scalar(element_value(message, of, i), of);
      }
    }
    out_ += ']';
  }

  void map(const Message& message, const FieldDescriptor& of) {
    auto* reflection = message.GetReflection();
    auto& key = *of.message_type()->map_key();
    std::map<std::string, const Message*> sorted;
    for (int i = 0; i < reflection->FieldSize(message, &of); ++i) {
      auto& entry = reflection->GetRepeatedMessage(message, &of, i);
      sorted[key_text(field_value(entry, key))] = &entry;
    }
    out_ += '{';
    for (auto& [name, entry] : sorted) {
      member(name);
      field(*entry, *of.message_type()->map_value());
    }
    out_ += '}';
  }

  static std::string key_text(const sql_value& key) {
    if (auto* number = std::get_if<std::int64_t>(&key)) return std::to_string(*number);
    return std::get<std::string>(key);
  }

  void whole(const Message& message) {
    auto& type = *message.GetDescriptor();
    auto& name = type.full_name();
    if (name == "google.protobuf.Struct" || name == "google.protobuf.ListValue") {
      return field(message, *type.field(0));
    }
    if (name == "google.protobuf.Value") return struct_value(message);
    out_ += '{';
    for (int i = 0; i < type.field_count(); ++i) {
      auto& inner = *type.field(i);
      if (inner.has_presence() && !message.GetReflection()->HasField(message, &inner)) continue;
      member(inner.name());
      field(message, inner);
    }
    out_ += '}';
  }

  void struct_value(const Message& message) {
    auto& kinds = *message.GetDescriptor()->oneof_decl(0);
    auto* kind = message.GetReflection()->GetOneofFieldDescriptor(message, &kinds);
    if (!kind || kind->enum_type()) {
      out_ += "null";
    } else {
      field(message, *kind);
    }
  }

  void member(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    text(name);
    out_ += ':';
  }

  void scalar(const sql_value& value, const FieldDescriptor& of) {
    if (of.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      out_ += std::get<std::int64_t>(value) ? "true" : "false";
    } else if (auto* number = std::get_if<std::int64_t>(&value)) {
      out_ += std::to_string(*number);
    } else if (auto* real_number = std::get_if<double>(&value)) {
      real(*real_number);
    } else if (auto* characters = std::get_if<std::string>(&value)) {
      text(*characters);
    } else if (auto* blob = std::get_if<sql_blob>(&value)) {
      std::string escaped;
      google::protobuf::Base64Escape(blob->bytes, &escaped);
      text(escaped);
    } else {
      out_ += "null";
    }
  }

  // The shortest digits that are read as this number again; SQLite takes 9e999 for infinity.
  void real(double number) {
    if (std::isinf(number)) {
      out_ += number > 0 ? "9e999" : "-9e999";
      return;
    }
    char digits[32];
    auto written = std::to_chars(digits, digits + sizeof digits, number);
    std::string_view shortest(digits, static_cast<std::size_t>(written.ptr - digits));
    out_ += shortest;
    if (shortest.find_first_of(".e") == std::string_view::npos) out_ += ".0";
  }

  void text(std::string_view characters) {
    constexpr char hex[] = "0123456789abcdef";
    out_ += '"';
    for (char c : characters) {
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out_ += "\\u00";
        out_ += hex[c >> 4];
        out_ += hex[c & 15];
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  std::string out_;
};

}  // namespace

std::string json_of(const Message& message, const FieldDescriptor& field) {
  json_writer writer;
  writer.field(message, field);
  return std::move(writer).take();
}

}  // namespace perdure::views
