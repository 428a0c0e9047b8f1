#pragma once

#include "gateway/command_endpoint.hpp"
#include "gateway/grpc_reactor.hpp"

namespace perdure::gateway {

// Serves one call of an entity's rpc: reads its one message, submits it, sends back the outcome.
// `context` is gRPC's and lives until the call ends. The endpoint outlives the call.
grpc::ServerGenericBidiReactor* serve_call(const served_method& method,
                                           const command_endpoint& endpoint,
                                           const grpc::GenericCallbackServerContext& context,
                                           std::size_t message_bytes_max);

}  // namespace perdure::gateway
