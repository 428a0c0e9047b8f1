// One level of the tree per path segment.

#include "gateway/http_path_tree.hpp"

#include "gateway/http_uri.hpp"

namespace perdure::gateway {

std::optional<std::size_t> http_path_tree::add(const http_template& path, const std::string& method,
                                               std::size_t route) {
  auto* at = &root_;
  bool takes_rest = false;
  for (const auto& segment : path.segments) {
    if (segment.kind == http_template::segment_kind::rest) {
      takes_rest = true;
      break;
    }
    auto& next =
        segment.kind == http_template::segment_kind::any ? at->any : at->literals[segment.text];
    if (!next) next = std::make_unique<node>();
    at = next.get();
  }
  auto& leaves = takes_rest ? at->rest : at->here;
  for (const auto& other : leaves) {
    if (other.verb == path.verb && other.method == method) return other.route;
  }
  leaves.push_back({path.verb, method, route});
  return std::nullopt;
}

struct http_path_tree::search {
  std::string_view method;
  const std::vector<std::string_view>& path;
  std::string_view verb;  // cut off the last segment
  found& result;

  std::string_view segment(std::size_t at) const {
    auto text = path[at];
    if (at + 1 == path.size() && !verb.empty()) text.remove_suffix(verb.size() + 1);
    return text;
  }

  bool choose(const std::vector<leaf>& leaves) const {
    for (const auto& one : leaves) {
      if (one.verb != verb) continue;
      if (one.method == method) {
        result.route = one.route;
        return true;
      }
      if (one.method == "*") {
        result.route = one.route;
      } else {
        result.methods.insert(one.method);
      }
    }
    return result.route.has_value();
  }

  const node* literal_child(const node& of, std::string_view text) const {
    if (of.literals.empty()) return nullptr;
    auto found = of.literals.end();
    if (text.find('%') == text.npos) {
      found = of.literals.find(text);
    } else if (auto decoded = percent_decoded(text)) {
      found = of.literals.find(*decoded);
    }
    return found == of.literals.end() ? nullptr : found->second.get();
  }

  bool walk(const node& from, std::size_t depth) const {
    if (depth == path.size()) return choose(from.here) || choose(from.rest);
    if (const auto* child = literal_child(from, segment(depth))) {
      if (walk(*child, depth + 1)) return true;
    }
    if (from.any && walk(*from.any, depth + 1)) return true;
    return choose(from.rest);
  }
};

http_path_tree::found http_path_tree::find(std::string_view method,
                                           const std::vector<std::string_view>& path) const {
  found result;
  if (auto colon = path.back().rfind(':'); colon != path.back().npos) {
    auto verb = path.back().substr(colon + 1);
    if (!verb.empty() && search{method, path, verb, result}.walk(root_, 0)) return result;
  }
  search{method, path, {}, result}.walk(root_, 0);
  return result;
}

}  // namespace perdure::gateway
