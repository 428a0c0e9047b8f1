// Tokens of pages. Used by views/query_run.cpp.

#include "views/page_tokens.hpp"

#include <google/protobuf/stubs/strutil.h>

#include <cstdint>

#include "views/packed_values.hpp"

namespace perdure::views {
namespace {

constexpr char version = 1;
constexpr std::size_t fingerprint_bytes = 8;
constexpr std::size_t head_bytes = 1 + fingerprint_bytes;

// FNV-1a. A query that was changed has other places.
std::string fingerprint_of(const query_plan& plan) {
  std::uint64_t hash = 14695981039346656037U;
  for (unsigned char c : plan.sql) hash = (hash ^ c) * 1099511628211U;
  std::string bytes;
  for (std::size_t i = 0; i < fingerprint_bytes; ++i) bytes += static_cast<char>(hash >> (8 * i));
  return bytes;
}

status not_ours(const query_plan& plan) {
  return {status_code::invalid_argument,
          plan.parameters[plan.pages->token_parameter].name +
              " is no page token of this query: send one that came with an answer of it, "
              "unchanged, or none for the first page"};
}

}  // namespace

std::string encode_page_token(const query_plan& plan, const std::vector<sql_value>& place) {
  std::string token;
  google::protobuf::WebSafeBase64Escape(version + fingerprint_of(plan) + pack(place), &token);
  return token;
}

result<std::vector<sql_value>> decode_page_token(const query_plan& plan, std::string_view token) {
  std::string bytes;
  std::string text(token);
  if (!google::protobuf::WebSafeBase64Unescape(text, &bytes)) return not_ours(plan);
  auto head = std::string_view(bytes).substr(0, head_bytes);
  if (head != version + fingerprint_of(plan)) return not_ours(plan);
  auto place = unpack(std::string_view(bytes).substr(head_bytes));
  if (!place.ok() || place->size() != plan.pages->key_count) return not_ours(plan);
  return place;
}

}  // namespace perdure::views
