// From an annotation to a route. A rule that would not do what it seems to say is refused at start,
// where its author sees it, and not at the first request.

#include "gateway/http_rule.hpp"

#include <set>

namespace perdure::gateway {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

class rule_reader {
 public:
  rule_reader(const served_method& method, const HttpRule& rule) : rule_(rule) {
    made_.method = &method;
  }

  result<http_route> read() {
    for (auto step : {&rule_reader::read_pattern, &rule_reader::read_variables,
                      &rule_reader::read_body, &rule_reader::read_response_body}) {
      if (auto s = (this->*step)(); !s.ok()) return s;
    }
    return std::move(made_);
  }

 private:
  status refused(const std::string& why) const {
    auto rule = made_.pattern.empty() && made_.http_method.empty()
                    ? std::string()
                    : " " + made_.http_method + " \"" + made_.pattern + "\"";
    return {status_code::invalid_argument,
            made_.method->method->full_name() + ": http rule" + rule + ": " + why};
  }

  const Descriptor& request() const { return *made_.method->method->input_type(); }
  const Descriptor& reply() const { return *made_.method->method->output_type(); }

  void take(std::string method, const std::string& pattern) {
    made_.http_method = std::move(method);
    made_.pattern = pattern;
  }

  status read_pattern() {
    switch (rule_.pattern_case()) {
      case HttpRule::kGet:
        take("GET", rule_.get());
        break;
      case HttpRule::kPut:
        take("PUT", rule_.put());
        break;
      case HttpRule::kPost:
        take("POST", rule_.post());
        break;
      case HttpRule::kDelete:
        take("DELETE", rule_.delete_());
        break;
      case HttpRule::kPatch:
        take("PATCH", rule_.patch());
        break;
      case HttpRule::kCustom:
        take(rule_.custom().kind(), rule_.custom().path());
        if (made_.http_method != "*") {
          return refused("custom kind \"" + made_.http_method +
                         "\" is not served: use get, put, post, delete or patch, or kind \"*\" "
                         "for any method");
        }
        break;
      case HttpRule::PATTERN_NOT_SET:
        return refused("it has no pattern: give it one of get, put, post, delete, patch, custom");
    }
    if (!made_.pattern.starts_with('/')) {
      return refused("the pattern must start with '/': write \"/" + made_.pattern + "\"");
    }
    auto path = parse_http_template(made_.pattern);
    if (!path) return refused("the pattern is no path template: " + path.error().message());
    made_.path = *std::move(path);
    return {};
  }

  status read_variables() {
    std::set<field_path> bound;
    for (const auto& variable : made_.path.variables) {
      auto named = "path variable {" + variable.field_path + "} ";
      auto path = find_field(request(), variable.field_path);
      if (path.empty()) {
        return refused(named + "names no field of " + request().full_name() + ", which has " +
                       field_names(request()) + ": name one of them");
      }
      const auto& field = *path.back();
      if (field.is_map()) {
        return refused(named + "is a map: take it out of the path and into the body");
      }
      if (field.is_repeated()) {
        return refused(named +
                       "is a repeated field, and a path holds one value: take it out of "
                       "the path and into the body or the query");
      }
      if (!takes_text(field)) {
        return refused(named + "is the message " + field.message_type()->full_name() +
                       ": name a field inside it, as {" + variable.field_path + ".some_field}");
      }
      if (!bound.insert(path).second) {
        return refused(named + "is there twice: each can take only one value");
      }
      made_.variables.push_back(std::move(path));
    }
    return {};
  }

  status read_body() {
    const auto& body = rule_.body();
    if (body.empty()) return {};
    if (made_.http_method == "GET" || made_.http_method == "DELETE") {
      return refused("a " + made_.http_method +
                     " request has no body: remove body, fields that are not in the path come "
                     "from the query; or use post, put or patch");
    }
    if (body == "*") {
      made_.body = http_route::body_kind::whole;
      return {};
    }
    made_.body = http_route::body_kind::field;
    made_.body_field = request().FindFieldByName(body);
    if (!made_.body_field) {
      return refused("body \"" + body + "\" names no field of " + request().full_name() +
                     ", which has " + field_names(request()) +
                     ": name one of them, or \"*\" for the whole request");
    }
    for (const auto& variable : made_.variables) {
      if (variable.size() == 1 && variable[0] == made_.body_field) {
        return refused("field " + body + " is both in the path and the body: remove one");
      }
    }
    return {};
  }

  status read_response_body() {
    const auto& name = rule_.response_body();
    if (name.empty()) return {};
    made_.response_field = reply().FindFieldByName(name);
    if (!made_.response_field) {
      return refused("response_body \"" + name + "\" names no field of " + reply().full_name() +
                     ", which has " + field_names(reply()) +
                     ": name one of them, or remove it to send the whole reply");
    }
    return {};
  }

  const HttpRule& rule_;
  http_route made_;
};

}  // namespace

result<http_route> route_of(const served_method& method, const HttpRule& rule) {
  return rule_reader(method, rule).read();
}

}  // namespace perdure::gateway
