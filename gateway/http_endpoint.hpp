#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "gateway/command_endpoint.hpp"
#include "gateway/http_routes.hpp"
#include "gateway/http_server.hpp"

namespace perdure::gateway {

// Serves a catalog's methods as HTTP/JSON: the handler of the service port. docs/reference/http.md
// is its manual. Any thread; copies share the same routes.
class http_endpoint {
 public:
  // `routes`, `endpoint` and `clock` outlive this and every exchange.
  http_endpoint(const http_routes& routes, const command_endpoint& endpoint, const clock& clock,
                const limits& bounds);

  void operator()(std::shared_ptr<http_exchange> exchange) const;

 private:
  void serve(std::shared_ptr<http_exchange> exchange, http_routes::match found,
             std::string_view query) const;

  const http_routes& routes_;
  const command_endpoint& endpoint_;
  const clock& clock_;
  std::chrono::milliseconds call_deadline_;
};

// A timeout in gRPC's format: up to eight digits and one of H, M, S, m, u, n ("200m" is 200 ms).
// Parts of a millisecond count as one.
//   INVALID_ARGUMENT  anything else, or zero
result<std::chrono::milliseconds> parse_grpc_timeout(std::string_view text);

}  // namespace perdure::gateway
