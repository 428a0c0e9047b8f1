#pragma once

#include "gateway/http_routes.hpp"
#include "google/api/http.pb.h"

namespace perdure::gateway {

// One google.api.http rule of a method, checked against the method's messages. Additional bindings
// are rules of their own.
//   INVALID_ARGUMENT  as http_routes::of()
result<http_route> route_of(const served_method& method, const google::api::HttpRule& rule);

}  // namespace perdure::gateway
