#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http_fields.hpp"
#include "gateway/http_path_tree.hpp"
#include "gateway/http_template.hpp"
#include "gateway/service_catalog.hpp"

// Which HTTP requests reach which rpc: the google.api.http rules of a catalog's methods, and always
// POST /pkg.Service/Method with the request as body.

namespace perdure::gateway {

// One way to reach a method, checked against its messages.
struct http_route {
  const served_method* method;
  std::string http_method;  // "GET"; "*" for any
  std::string pattern;      // as written, for people
  http_template path;
  std::vector<field_path> variables;  // the fields of path.variables

  // What the request body fills: nothing, the whole request, or one field of it.
  enum class body_kind { none, whole, field };
  body_kind body = body_kind::none;
  const google::protobuf::FieldDescriptor* body_field = nullptr;

  const google::protobuf::FieldDescriptor* response_field = nullptr;  // null: the whole reply
};

class http_routes {
 public:
  // The catalog outlives the routes.
  //   INVALID_ARGUMENT  a rule that cannot be served, or two that cannot be told apart; the text
  //                     names the method, the rule, and what to change (docs/reference/http.md)
  static result<http_routes> of(const service_catalog& catalog);

  struct match {
    const http_route* route = nullptr;
    std::vector<std::string_view> segments;  // of the path, views into it
    std::string allowed;                     // when no route: the methods of this path, "GET, POST"
  };

  // `path` as split_target() gives it. HEAD finds what GET finds.
  match find(std::string_view method, std::string_view path) const;

 private:
  status add(http_route route);
  status add_rules(const served_method& method);

  std::deque<http_route> routes_;
  http_path_tree tree_;
};

}  // namespace perdure::gateway
