// Path templates: read once at start, then used for every request.

#include "gateway/http_template.hpp"

#include <algorithm>

#include "gateway/http_uri.hpp"

namespace perdure::gateway {
namespace {

bool is_identifier(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !letter(name[0])) return false;
  return std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_field_path(std::string_view path) {
  for (;;) {
    auto dot = std::min(path.find('.'), path.size());
    if (!is_identifier(path.substr(0, dot))) return false;
    if (dot == path.size()) return true;
    path.remove_prefix(dot + 1);
  }
}

class template_parser {
 public:
  explicit template_parser(std::string_view text) : text_(text) {}

  result<http_template> parse() {
    if (!take('/')) return wrong("a leading '/'");
    if (at_ == text_.size()) {
      made_.segments.push_back({http_template::segment_kind::literal, ""});
      return std::move(made_);
    }
    if (auto s = segments(false); !s.ok()) return s;
    if (take(':')) {
      made_.verb = text_.substr(at_);
      if (made_.verb.empty() || made_.verb.find_first_of("/:{}*") != made_.verb.npos) {
        return wrong("a verb of plain characters up to the end");
      }
      at_ = text_.size();
    }
    if (at_ != text_.size()) return wrong("'/', ':' or the end");
    return std::move(made_);
  }

 private:
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  status wrong(const std::string& expected) const {
    return {status_code::invalid_argument, "expected " + expected + " at \"" +
                                               std::string(text_.substr(at_)) + "\" (character " +
                                               std::to_string(at_ + 1) + ")"};
  }

  status segments(bool inside_variable) {
    do {
      if (!made_.segments.empty() &&
          made_.segments.back().kind == http_template::segment_kind::rest) {
        return wrong("the end, because \"**\" must be the last segment,");
      }
      if (auto s = one_segment(inside_variable); !s.ok()) return s;
    } while (take('/'));
    return {};
  }

  status one_segment(bool inside_variable) {
    if (take('{')) {
      if (inside_variable) return wrong("no '{' inside a variable,");
      return variable();
    }
    if (take('*')) {
      auto kind = take('*') ? http_template::segment_kind::rest : http_template::segment_kind::any;
      made_.segments.push_back({kind, {}});
      return {};
    }
    auto end = std::min(text_.find_first_of("/:{}*=", at_), text_.size());
    auto literal = text_.substr(at_, end - at_);
    if (literal.empty()) return wrong("a literal, \"*\", \"**\" or a variable in braces");
    auto decoded = percent_decoded(literal);
    if (!decoded) return wrong("a literal in proper percent-encoding");
    at_ = end;
    made_.segments.push_back({http_template::segment_kind::literal, *std::move(decoded)});
    return {};
  }

  status variable() {
    auto end = std::min(text_.find_first_of("=}", at_), text_.size());
    auto name = text_.substr(at_, end - at_);
    if (!is_field_path(name)) return wrong("a field name, or several joined by '.',");
    at_ = end;
    auto first = made_.segments.size();
    if (take('=')) {
      if (auto s = segments(true); !s.ok()) return s;
    } else {
      made_.segments.push_back({http_template::segment_kind::any, {}});
    }
    if (!take('}')) return wrong("'}'");
    made_.variables.push_back({std::string(name), first, made_.segments.size() - first});
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  http_template made_;
};

}  // namespace

result<http_template> parse_http_template(std::string_view text) {
  return template_parser(text).parse();
}

result<std::string> http_template::value_of(const variable& which,
                                            const std::vector<std::string_view>& path) const {
  auto past_last = which.first + which.count;
  bool takes_rest = segments[past_last - 1].kind == segment_kind::rest;
  if (takes_rest) past_last = path.size();
  std::string joined;
  for (auto at = which.first; at < past_last; ++at) {
    auto text = path[at];
    if (at + 1 == path.size() && !verb.empty()) text.remove_suffix(verb.size() + 1);
    if (at != which.first) joined += '/';
    joined += text;
  }
  bool several = takes_rest || which.count > 1;
  return percent_decoded(joined, several ? encoded_slash::keep : encoded_slash::decode);
}

}  // namespace perdure::gateway
