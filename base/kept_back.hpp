#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace perdure {

// Whether metadata of this name, in lower case, are between a caller and the gateway and reach no
// handler: what transports say of themselves ("grpc-..." is gRPC's), and names that only we give.
constexpr bool is_kept_back(std::string_view name) {
  constexpr std::array<std::string_view, 10> of_transports = {
      "accept-encoding", "connection", "content-length", "content-type",     "expect", "host",
      "keep-alive",      "te",         "trailer",        "transfer-encoding"};
  return name.starts_with(':') || name.starts_with("grpc-") || name.starts_with("perdure-") ||
         std::ranges::find(of_transports, name) != of_transports.end();
}

}  // namespace perdure
