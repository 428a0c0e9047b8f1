// Content types as HTTP, Kafka's headers and CloudEvents write them.

#include "base/media_type.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace perdure {
namespace {

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What stands before the next semicolon, which is taken away with it. One in quotes does not count.
std::string_view take_part(std::string_view& rest) {
  bool is_quoted = false;
  std::size_t at = 0;
  for (; at < rest.size() && (is_quoted || rest[at] != ';'); ++at) {
    if (rest[at] == '"') is_quoted = !is_quoted;
    if (rest[at] == '\\' && is_quoted) ++at;
  }
  auto part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return trimmed(part);
}

std::string_view unquoted(std::string_view value) {
  bool is_quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::string_view media_type::suffix() const {
  auto plus = essence.rfind('+');
  return plus == essence.npos ? std::string_view{} : std::string_view(essence).substr(plus + 1);
}

bool media_type::is_json() const {
  return essence == "application/json" || essence == "text/json" || suffix() == "json";
}

bool media_type::is_protobuf() const {
  return essence == "application/protobuf" || essence == "application/x-protobuf" ||
         essence == "application/vnd.google.protobuf" || suffix() == "proto";
}

bool media_type::is_text() const { return essence.starts_with("text/"); }

media_type media_type_of(std::string_view content_type) {
  media_type read;
  read.essence = lower_case(take_part(content_type));
  while (!content_type.empty()) {
    auto parameter = take_part(content_type);
    auto equals = parameter.find('=');
    if (equals == parameter.npos || lower_case(parameter.substr(0, equals)) != "charset") continue;
    read.charset = lower_case(unquoted(parameter.substr(equals + 1)));
    break;  // the first counts
  }
  return read;
}

}  // namespace perdure
