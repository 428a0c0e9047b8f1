// Command path over HTTP: bytes to message, and back.

#include "gateway/http_transcoding.hpp"

#include <google/protobuf/struct.pb.h>

#include <algorithm>

#include "gateway/http_json.hpp"
#include "gateway/http_uri.hpp"

namespace perdure::gateway {
namespace {

using google::protobuf::Message;
using body_kind = http_route::body_kind;

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

// "{}" with any white space: what many clients send when they have nothing to say.
bool is_empty_object(std::string_view text) {
  auto open = text.find('{');
  auto close = text.rfind('}');
  return open != text.npos && close != text.npos && open < close &&
         is_blank(text.substr(0, open)) && is_blank(text.substr(open + 1, close - open - 1)) &&
         is_blank(text.substr(close + 1));
}

status does_not_fit(const std::string& type, const status& why) {
  return invalid("the body is not the JSON of a " + type + ": " + why.message());
}

// A field that is no single message has no JSON of its own in protobuf, so it is parsed as part of
// a request that has only this field.
status fill_from_wrapped(Message& request, const http_route& route, std::string_view body) {
  const auto& field = *route.body_field;
  auto type =
      std::string(field.is_repeated() ? "list for field " : "value for field ") + field.full_name();
  // Alone first: a body such as `1, "other": 2` must not reach into its neighbours.
  google::protobuf::Value alone;
  if (auto s = parse_json(body, alone); !s.ok()) return does_not_fit(type, s);
  auto wrapped = "{" + json_quoted(field.json_name()) + ":" + std::string(body) + "}";
  if (auto s = parse_json(wrapped, request); !s.ok()) return does_not_fit(type, s);
  return {};
}

status fill_from_body(Message& request, const http_route& route, std::string_view body) {
  if (route.body == body_kind::none) {
    if (is_blank(body) || is_empty_object(body)) return {};
    return invalid(route.http_method + " " + route.pattern + " takes no body, got " +
                   std::to_string(body.size()) + " bytes: send the fields in path and query");
  }
  if (body.empty()) return {};
  if (route.body == body_kind::field) {
    const auto& field = *route.body_field;
    if (field.is_repeated() || !field.message_type())
      return fill_from_wrapped(request, route, body);
    auto* part = request.GetReflection()->MutableMessage(&request, &field);
    auto s = parse_json(body, *part);
    return s.ok() ? s : does_not_fit(field.message_type()->full_name(), s);
  }
  auto s = parse_json(body, request);
  return s.ok() ? s : does_not_fit(request.GetDescriptor()->full_name(), s);
}

status fill_from_path(Message& request, const http_route& route,
                      const std::vector<std::string_view>& segments) {
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    const auto& variable = route.path.variables[i];
    auto value = route.path.value_of(variable, segments);
    auto done = value ? set_field(request, route.variables[i], *value) : value.error();
    if (!done.ok()) return invalid("path variable " + variable.field_path + ": " + done.message());
  }
  return {};
}

// Why a query parameter cannot fill the field, or ok.
status check_parameter(const http_route& route, const field_path& path, const std::string& name) {
  const auto* type = route.method->request->GetDescriptor();
  auto place = "query parameter \"" + name + "\" ";
  if (route.body == body_kind::whole) {
    return invalid(place + "is not taken: " + route.http_method + " " + route.pattern +
                   " takes all fields that are not in the path from the body");
  }
  if (path.empty()) {
    return invalid(place + "is no field of " + type->full_name() + ", which has " +
                   field_names(*type));
  }
  if (std::ranges::find(route.variables, path) != route.variables.end()) {
    return invalid(place + "is given by the path already");
  }
  if (path.front() == route.body_field) return invalid(place + "is given by the body already");
  if (path.back()->is_map() || !takes_text(*path.back())) {
    return invalid(place + "is no single value: name a field inside it");
  }
  return {};
}

status fill_from_query(Message& request, const http_route& route, std::string_view query) {
  if (query.empty()) return {};
  auto parameters = query_parameters(query);
  if (!parameters) return parameters.error();
  std::vector<field_path> seen;
  for (const auto& [name, value] : *parameters) {
    auto path = find_field(*request.GetDescriptor(), name);
    if (auto s = check_parameter(route, path, name); !s.ok()) return s;
    if (!path.back()->is_repeated()) {
      if (std::ranges::find(seen, path) != seen.end()) {
        return invalid("query parameter \"" + name + "\" is there twice, but the field takes one");
      }
      seen.push_back(path);
    }
    if (auto s = set_field(request, path, value); !s.ok()) {
      return invalid("query parameter \"" + name + "\": " + s.message());
    }
  }
  return {};
}

}  // namespace

result<std::unique_ptr<Message>> request_of(const http_route& route,
                                            const std::vector<std::string_view>& segments,
                                            std::string_view query, std::string_view body) {
  std::unique_ptr<Message> request(route.method->request->New());
  // The body first: parsing replaces what was there.
  if (auto s = fill_from_body(*request, route, body); !s.ok()) return s;
  if (auto s = fill_from_path(*request, route, segments); !s.ok()) return s;
  if (auto s = fill_from_query(*request, route, query); !s.ok()) return s;
  return request;
}

result<std::string> reply_json(const http_route& route, const std::string& encoded) {
  const auto& prototype = *route.method->reply;
  const auto* field = route.response_field;
  if (!field) return to_json(prototype, encoded);
  if (field->message_type() && !field->is_repeated()) {
    std::unique_ptr<Message> reply(prototype.New());
    if (!reply->ParseFromString(encoded)) {
      return status(status_code::internal, "the reply is no " + prototype.GetTypeName());
    }
    return to_json(reply->GetReflection()->GetMessage(*reply, field));
  }
  // protobuf writes no JSON of a list or a scalar alone, so it is cut out of the whole.
  auto whole = to_json(prototype, encoded);
  if (!whole) return whole;
  google::protobuf::Struct parts;
  if (auto s = parse_json(*whole, parts); !s.ok())
    return status(status_code::internal, s.message());
  auto part = parts.fields().find(field->json_name());
  if (part == parts.fields().end()) return std::string("null");
  return to_json(part->second);
}

}  // namespace perdure::gateway
