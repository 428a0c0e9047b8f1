#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http_template.hpp"

namespace perdure::gateway {

// Finds the template that a path matches. Where several match, the more literal one from the left
// wins: a literal beats "*", "*" beats "**", a verb beats none, a named method beats any; so the
// order in which they were added does not matter. Each node is visited at most once per search.
class http_path_tree {
 public:
  // `method` "*" stands for any. Gives the route that has the same shape, verb and method already;
  // then nothing is added.
  std::optional<std::size_t> add(const http_template& path, const std::string& method,
                                 std::size_t route);

  struct found {
    std::optional<std::size_t> route;
    std::set<std::string, std::less<>> methods;  // what the path is served for, when no route is
  };

  // `path` as of path_segments().
  found find(std::string_view method, const std::vector<std::string_view>& path) const;

 private:
  struct leaf {
    std::string verb;
    std::string method;
    std::size_t route;
  };
  struct node {
    std::map<std::string, std::unique_ptr<node>, std::less<>> literals;
    std::unique_ptr<node> any;
    std::vector<leaf> here;
    std::vector<leaf> rest;  // of "**"
  };
  struct search;

  node root_;
};

}  // namespace perdure::gateway
