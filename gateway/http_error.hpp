#pragma once

#include "gateway/http_server.hpp"
#include "perdure/status.hpp"

// How a status looks over HTTP: {"code": 5, "status": "NOT_FOUND", "message": "no such cart"}.

namespace perdure::gateway {

// 404 for NOT_FOUND and so on, as google.rpc maps its codes.
int http_status_of(status_code code);

// `http_status` where HTTP has a more exact one than the code's own.
http_response error_response(const status& why, int http_status);
http_response error_response(const status& why);

}  // namespace perdure::gateway
