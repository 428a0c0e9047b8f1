#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/grpc_reactor.hpp"
#include "gateway/service_catalog.hpp"

namespace grpc::reflection::v1 {
class ServerReflectionRequest;
class ServerReflectionResponse;
}  // namespace grpc::reflection::v1

namespace perdure::gateway {

// grpc.reflection: tells clients what is served, from the descriptors compiled into the process.
// v1 and v1alpha have the same bytes. gRPC's own plugin sees only services of generated code, and
// ours are served from descriptors. Any thread. Outlives its calls.
class grpc_reflection {
 public:
  static constexpr std::string_view name = "grpc.reflection.v1.ServerReflection";
  static constexpr std::string_view name_alpha = "grpc.reflection.v1alpha.ServerReflection";

  explicit grpc_reflection(const service_catalog& catalog);

  // What is not there is an answer too: error_response with NOT_FOUND.
  grpc::reflection::v1::ServerReflectionResponse answer(
      const grpc::reflection::v1::ServerReflectionRequest& request) const;

  std::shared_ptr<grpc_reactor> serve();

  // Ends all streams.
  void end();

 private:
  class stream;

  std::vector<std::string> services_;
  open_streams streams_;
};

}  // namespace perdure::gateway
