// Command path over HTTP. Built once at start. Next: gateway/http_endpoint.cpp.

#include "gateway/http_routes.hpp"

#include <algorithm>

#include "gateway/http_rule.hpp"
#include "gateway/http_uri.hpp"
#include "google/api/annotations.pb.h"

namespace perdure::gateway {
namespace {

http_route by_name(const served_method& method) {
  http_route route{};
  route.method = &method;
  route.http_method = "POST";
  route.pattern = "/" + method.method->service()->full_name() + "/" + method.method->name();
  using kind = http_template::segment_kind;
  route.path.segments = {{kind::literal, method.method->service()->full_name()},
                         {kind::literal, method.method->name()}};
  route.body = http_route::body_kind::whole;
  return route;
}

std::string named(const http_route& route) {
  return route.method->method->full_name() + " (" + route.http_method + " \"" + route.pattern +
         "\")";
}

bool is_same_path(const http_template& one, const http_template& other) {
  auto is_same = [](const auto& a, const auto& b) { return a.kind == b.kind && a.text == b.text; };
  return one.verb == other.verb && std::ranges::equal(one.segments, other.segments, is_same);
}

status clash(const http_route& first, const http_route& second) {
  std::string remedy = "change the pattern or the method of one";
  if (first.method->is_of_runtime() || second.method->is_of_runtime()) {
    remedy =
        "every service tells there what became of a command, so change the pattern or the method "
        "of your rule";
  }
  return {status_code::invalid_argument, "the http rules of " + named(first) + " and " +
                                             named(second) + " match the same requests: " + remedy};
}

}  // namespace

result<http_routes> http_routes::of(const service_catalog& catalog) {
  http_routes routes;
  for (const auto& method : catalog.methods()) {
    if (auto s = routes.add(by_name(method)); !s.ok()) return s;
  }
  for (const auto& method : catalog.methods()) {
    if (auto s = routes.add_rules(method); !s.ok()) return s;
  }
  return routes;
}

status http_routes::add_rules(const served_method& method) {
  const auto& options = method.method->options();
  if (!options.HasExtension(google::api::http)) return {};
  const auto& rule = options.GetExtension(google::api::http);
  auto first = route_of(method, rule);
  if (!first) return first.error();
  if (auto s = add(*std::move(first)); !s.ok()) return s;
  for (const auto& further : rule.additional_bindings()) {
    auto route = route_of(method, further);
    if (!route) return route.error();
    if (further.additional_bindings_size() > 0) {
      return {status_code::invalid_argument,
              named(*route) +
                  ": additional_bindings inside additional_bindings are not served: "
                  "list them all in the rpc's outer rule"};
    }
    if (auto s = add(*std::move(route)); !s.ok()) return s;
  }
  return {};
}

status http_routes::add(http_route route) {
  if (auto other = tree_.add(route.path, route.http_method, routes_.size())) {
    // Spelling out what is served anyway is no mistake.
    const auto& first = routes_[*other];
    if (first.method == route.method && first.pattern == route.pattern &&
        route.body == http_route::body_kind::whole && !route.response_field) {
      return {};
    }
    return clash(first, route);
  }
  // Between two rules of its author the one for a named method counts before one for any, which its
  // author sees. Ours would be found there unseen.
  if (route.method->is_of_runtime()) {
    for (const auto& other : routes_) {
      if (other.http_method == "*" && is_same_path(other.path, route.path)) {
        return clash(other, route);
      }
    }
  }
  routes_.push_back(std::move(route));
  return {};
}

http_routes::match http_routes::find(std::string_view method, std::string_view path) const {
  match result;
  if (!path.starts_with('/')) return result;
  result.segments = path_segments(path);
  auto found = tree_.find(method, result.segments);
  if (!found.route && method == "HEAD") found = tree_.find("GET", result.segments);
  if (found.route) {
    result.route = &routes_[*found.route];
    return result;
  }
  if (found.methods.contains("GET")) found.methods.insert("HEAD");
  if (!found.methods.empty()) found.methods.insert("OPTIONS");
  for (const auto& one : found.methods)
    result.allowed += (result.allowed.empty() ? "" : ", ") + one;
  return result;
}

}  // namespace perdure::gateway
