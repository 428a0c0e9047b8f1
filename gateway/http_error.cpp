// Errors over HTTP. The table is in docs/reference/http.md too.

#include "gateway/http_error.hpp"

#include "gateway/http_json.hpp"

namespace perdure::gateway {

int http_status_of(status_code code) {
  switch (code) {
    case status_code::ok:
      return 200;
    case status_code::invalid_argument:
    case status_code::failed_precondition:
    case status_code::out_of_range:
      return 400;
    case status_code::unauthenticated:
      return 401;
    case status_code::permission_denied:
      return 403;
    case status_code::not_found:
      return 404;
    case status_code::already_exists:
    case status_code::aborted:
      return 409;
    case status_code::resource_exhausted:
      return 429;
    case status_code::cancelled:
      return 499;
    case status_code::unknown:
    case status_code::internal:
    case status_code::data_loss:
      return 500;
    case status_code::unimplemented:
      return 501;
    case status_code::unavailable:
      return 503;
    case status_code::deadline_exceeded:
      return 504;
  }
  return 500;
}

http_response error_response(const status& why, int http_status) {
  http_response response;
  response.status = http_status;
  response.body = "{\"code\":" + std::to_string(static_cast<int>(why.code())) + ",\"status\":\"" +
                  std::string(to_string(why.code())) +
                  "\",\"message\":" + json_quoted(why.message()) + "}";
  return response;
}

http_response error_response(const status& why) {
  return error_response(why, http_status_of(why.code()));
}

}  // namespace perdure::gateway
