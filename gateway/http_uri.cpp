// Percent-encoding and the parts of a target, by RFC 3986 and RFC 9112.

#include "gateway/http_uri.hpp"

#include <algorithm>
#include <optional>

#include "base/utf8.hpp"

namespace perdure::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<char> encoded_byte(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return std::nullopt;
  int high = hex_digit(text[at + 1]);
  int low = hex_digit(text[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

status malformed(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

}  // namespace

http_target split_target(std::string_view target) {
  if (auto scheme = target.find("://"); scheme != target.npos && !target.starts_with('/')) {
    auto path = target.find_first_of("/?", scheme + 3);
    target = path == target.npos ? "/" : target.substr(path);
  }
  auto question = target.find('?');
  if (question == target.npos) return {target, {}};
  auto path = target.substr(0, question);
  return {path.empty() ? "/" : path, target.substr(question + 1)};
}

std::vector<std::string_view> path_segments(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  for (std::size_t from = 1;;) {
    auto slash = path.find('/', from);
    if (slash == path.npos) {
      segments.push_back(path.substr(std::min(from, path.size())));
      return segments;
    }
    segments.push_back(path.substr(from, slash - from));
    from = slash + 1;
  }
}

result<std::string> percent_decoded(std::string_view text, encoded_slash slashes) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    auto byte = encoded_byte(text, at);
    if (!byte) {
      return malformed("'%' must be followed by two hexadecimal digits: write %25 for the sign");
    }
    if (*byte == '/' && slashes == encoded_slash::keep) {
      decoded += text.substr(at, 3);
    } else {
      decoded += *byte;
    }
    at += 2;
  }
  if (!is_utf8(decoded)) return malformed("it is not UTF-8");
  return decoded;
}

result<std::vector<std::pair<std::string, std::string>>> query_parameters(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    auto end = std::min(query.find('&'), query.size());
    std::string one(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
    if (one.empty()) continue;
    std::ranges::replace(one, '+', ' ');
    auto equals = std::min(one.find('='), one.size());
    auto name = percent_decoded(std::string_view(one).substr(0, equals));
    if (!name) {
      return malformed("the name of a query parameter is malformed: " + name.error().message());
    }
    auto value = percent_decoded(std::string_view(one).substr(std::min(equals + 1, one.size())));
    if (!value) {
      return malformed("query parameter \"" + *name +
                       "\" is malformed: " + value.error().message());
    }
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

}  // namespace perdure::gateway
