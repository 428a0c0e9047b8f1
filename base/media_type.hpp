#pragma once

#include <string>
#include <string_view>

namespace perdure {

// What a content type says (RFC 9110, 8.3.1), in lower case: none of this depends on capitals.
struct media_type {
  std::string essence;  // "application/cloudevents+json"; without parameters
  std::string charset;  // "utf-8"; empty: not told

  // "json" of "application/cloudevents+json"; empty: it has none (RFC 6838, 4.2.8).
  std::string_view suffix() const;

  bool is_json() const;
  bool is_protobuf() const;
  bool is_text() const;  // text/*, also text/json: ask is_json() first
};

// Of "Application/JSON; charset=UTF-8". Never fails: what is malformed is a type that nobody knows.
media_type media_type_of(std::string_view content_type);

}  // namespace perdure
