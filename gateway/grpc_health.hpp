#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "gateway/grpc_open_calls.hpp"
#include "gateway/service_catalog.hpp"

namespace perdure::gateway {

// grpc.health.v1.Health: whether the server serves, overall ("") and per service. Every service has
// the status of the server. Any thread. Outlives its calls.
class grpc_health {
 public:
  static constexpr std::string_view name = "grpc.health.v1.Health";

  // Serving from the start.
  explicit grpc_health(const service_catalog& catalog);

  // `calls` outlive the call.
  std::shared_ptr<grpc_reactor> check(open_calls& calls, const grpc::GenericServerContext& context);
  std::shared_ptr<grpc_reactor> watch();

  void set_serving(bool serving);

  // Tells all watchers NOT_SERVING and ends their streams.
  void end();

 private:
  class checking;
  class watching;

  // A HealthCheckResponse.ServingStatus.
  int status_of(const std::string& service) const;

  std::unordered_set<std::string> services_;
  mutable std::mutex mutex_;
  bool serving_ = true;
  open_streams watchers_;
};

}  // namespace perdure::gateway
