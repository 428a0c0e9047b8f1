// Parameters of a query: fields of its request.

#include <algorithm>

#include "base/ascii.hpp"
#include "base/suggest.hpp"
#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= name.size();) {
    auto end = std::min(name.find('.', begin), name.size());
    parts.emplace_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool opens(const FieldDescriptor& field) {
  return field.message_type() != nullptr && type_of(field) == column_type::json;
}

// Empty, and a problem, when there is no such field.
std::vector<const FieldDescriptor*> path_of(query_reading& q, std::size_t token,
                                            std::string_view name) {
  std::vector<const FieldDescriptor*> path;
  const Descriptor* message = q.request;
  for (const auto& part : parts_of(name)) {
    const auto* field = message != nullptr ? message->FindFieldByName(part) : nullptr;
    if (field == nullptr) {
      std::vector<std::string> known;
      for (int i = 0; message != nullptr && i < message->field_count(); ++i) {
        known.push_back(message->field(i)->name());
      }
      q.problem(token, ":" + std::string(name) + ": \"" + part + "\" is not a field of " +
                           (message != nullptr ? message->full_name() : path.back()->full_name()) +
                           did_you_mean(part, known));
      return {};
    }
    if (!path.empty() && path.back()->is_repeated()) {
      q.problem(token, ":" + std::string(name) + ": " + path.back()->full_name() +
                           " is repeated, so that there is no one field in it");
      return {};
    }
    path.push_back(field);
    message = opens(*field) ? field->message_type() : nullptr;
  }
  return path;
}

// A list can be used in = ANY, IN, and by functions that know JSON.
bool is_argument_of_json(const query_shape& shape, std::size_t token) {
  for (auto i = token; i-- > 0;) {
    if (shape.is(i, ")")) {
      i = shape.partner[i];
    } else if (shape.is(i, "(")) {
      return i > 0 && shape.is_name(i - 1) &&
             lower_case(shape.tokens[i - 1].text).starts_with("json");
    }
  }
  return false;
}

}  // namespace

std::size_t number_of(query_reading& q, std::size_t token) {
  auto name = q.shape.tokens[token].text.substr(1);
  auto& known = q.made.plan.parameters;
  auto found = std::ranges::find(known, name, &query_parameter::name);
  if (found == known.end()) {
    auto path = path_of(q, token, name);
    if (path.empty()) return 0;
    known.push_back({std::string(name), std::move(path)});
    found = known.end() - 1;
  }
  auto number = static_cast<std::size_t>(found - known.begin()) + 1;
  q.bound[token] = number - 1;
  return number;
}

void check_parameter_use(query_reading& q, std::size_t token) {
  auto found = q.bound.find(token);
  if (found == q.bound.end()) return;
  const auto& field = *q.made.plan.parameters[found->second].path.back();
  if (type_of(field) != column_type::json) return;
  if (is_argument_of_json(q.shape, token)) return;
  auto written = std::string(q.shape.tokens[token].text);
  if (field.is_repeated() && !field.is_map()) {
    return q.problem(
        token, written + " is repeated; write = ANY(" + written + ") or IN (" + written + ")");
  }
  if (field.is_map() || field.message_type()->full_name().starts_with("google.protobuf.")) {
    return q.problem(token,
                     written + " is JSON as a parameter; functions such as json_extract take it");
  }
  std::string example = field.message_type()->field_count() > 0
                            ? ", as " + written + "." + field.message_type()->field(0)->name()
                            : "";
  q.problem(token, written + " is a message; name one of its fields" + example);
}

}  // namespace perdure::views
