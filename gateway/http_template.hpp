#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"

// The path of a google.api.http rule.
//
//   template = "/" segments [ ":" verb ]       "/" alone is the root
//   segments = segment { "/" segment }
//   segment  = "*" | "**" | literal | "{" field path [ "=" segments ] "}"
//
// "*" is one path segment, "**" any number, also none; it can only be the last one. "{x}" is
// "{x=*}". Variables do not nest.

namespace perdure::gateway {

struct http_template {
  enum class segment_kind { literal, any, rest };

  struct segment {
    segment_kind kind;
    std::string text;  // of a literal, decoded
  };

  // The part of the path that fills a field.
  struct variable {
    std::string field_path;  // "name" or "book.name"
    std::size_t first = 0;   // its first segment
    std::size_t count = 0;   // its segments; up to the path's end where the last of them is "**"
  };

  std::vector<segment> segments;
  std::string verb;  // empty: none
  std::vector<variable> variables;

  // What `which` stands for in a path that matches; `path` as of path_segments(). Where it is one
  // segment, everything is decoded. Where it can be several, "%2F" stays, to tell a slash inside a
  // segment from one between two.
  //   INVALID_ARGUMENT  wrong percent-encoding, or not UTF-8
  result<std::string> value_of(const variable& which,
                               const std::vector<std::string_view>& path) const;
};

//   INVALID_ARGUMENT  not by the grammar; the text says where and what was expected
result<http_template> parse_http_template(std::string_view text);

}  // namespace perdure::gateway
