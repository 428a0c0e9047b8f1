#pragma once

#include "gateway/command_endpoint.hpp"
#include "gateway/grpc_open_calls.hpp"
#include "gateway/grpc_unsent.hpp"

namespace perdure::gateway {

// Serves one call of an rpc that streams, on either side or both: reads a message when the handler
// wants one, and lets it go on once what it said has left. Refused while `replies` are too many.
// `context` is gRPC's and lives until the call ends; endpoint and `calls` outlive the call.
std::shared_ptr<grpc_reactor> serve_stream(const served_method& method,
                                           const command_endpoint& endpoint, open_calls& calls,
                                           const unsent_replies& replies,
                                           const grpc::GenericServerContext& context);

}  // namespace perdure::gateway
