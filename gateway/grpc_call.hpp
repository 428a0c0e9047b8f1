#pragma once

#include "gateway/command_endpoint.hpp"
#include "gateway/grpc_open_calls.hpp"
#include "gateway/grpc_unsent.hpp"

namespace perdure::gateway {

perdure::metadata metadata_of(const grpc::GenericServerContext& context);

// A call as it came in, but for its request.
received_call call_of(const served_method& method, const grpc::GenericServerContext& context);

// Serves one call of a unary rpc: reads its one message, submits it, sends back the outcome.
// Refused while `replies` are too many. `context` is gRPC's and lives until the call ends; endpoint
// and `calls` outlive the call.
std::shared_ptr<grpc_reactor> serve_call(const served_method& method,
                                         const command_endpoint& endpoint, open_calls& calls,
                                         const unsent_replies& replies,
                                         const grpc::GenericServerContext& context,
                                         std::size_t message_bytes_max);

}  // namespace perdure::gateway
