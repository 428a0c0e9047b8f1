#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "perdure/status.hpp"

// The target of an HTTP request, taken apart.

namespace perdure::gateway {

// Views into the target; both still percent-encoded.
struct http_target {
  std::string_view path;   // "/carts/cart-1"
  std::string_view query;  // what follows the first '?'
};

// Also of the absolute form that is meant for proxies: "http://host/carts/cart-1".
http_target split_target(std::string_view target);

// "/a/b" -> "a", "b"; "/" -> ""; "/a/" -> "a", "". Still encoded. `path` starts with '/'.
std::vector<std::string_view> path_segments(std::string_view path);

enum class encoded_slash { decode, keep };

// Takes %XX for the byte it stands for; with encoded_slash::keep, "%2F" stays as it is.
//   INVALID_ARGUMENT  a '%' without two hexadecimal digits, or the result is not UTF-8
result<std::string> percent_decoded(std::string_view text,
                                    encoded_slash slashes = encoded_slash::decode);

// Names and values in their order, decoded; '+' is a space, as HTML forms write it.
//   INVALID_ARGUMENT  as percent_decoded(); names the parameter
result<std::vector<std::pair<std::string, std::string>>> query_parameters(std::string_view query);

}  // namespace perdure::gateway
