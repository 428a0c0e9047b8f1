#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http_routes.hpp"
#include "perdure/status.hpp"

// Between HTTP and messages: what a route says about path, query and body, applied to one request.

namespace perdure::gateway {

// The request message. Where body and path name the same field, the path counts.
//   INVALID_ARGUMENT  path, query or body does not fit; the text names the place
result<std::unique_ptr<google::protobuf::Message>> request_of(
    const http_route& route, const std::vector<std::string_view>& segments, std::string_view query,
    std::string_view body);

// The JSON of an encoded reply, or of the part of it that the route sends.
//   INTERNAL  it cannot be written as JSON
result<std::string> reply_json(const http_route& route, const std::string& encoded);

}  // namespace perdure::gateway
