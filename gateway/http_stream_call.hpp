#pragma once

#include <memory>

#include "gateway/command_endpoint.hpp"
#include "gateway/http_routes.hpp"
#include "gateway/http_server.hpp"

namespace perdure::gateway {

// Serves one call of an rpc that streams its replies: a line of JSON for each, or a server-sent
// event where the client accepts those. What goes wrong before the first is answered as any error.
// `call` is the call as it came in. On the connection's thread; endpoint and route outlive it.
void serve_stream(std::shared_ptr<http_exchange> exchange, const http_route& route,
                  received_call call, const command_endpoint& endpoint);

}  // namespace perdure::gateway
