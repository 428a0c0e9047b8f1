// Command path over HTTP, the way back: the first line and headers of a response.

#include "gateway/http_head.hpp"

#include <boost/beast/http/status.hpp>

namespace perdure::gateway {

void write_head(std::string& head, const http_response& response, std::string_view date,
                std::string_view connection, http_framing framing) {
  namespace http = boost::beast::http;
  auto reason = http::obsolete_reason(http::int_to_status(response.status));
  head.assign("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason.data(), reason.size()).append("\r\nDate: ").append(date);
  bool has_body = !response.body.empty() || framing != http_framing::length;
  if (has_body) head.append("\r\nContent-Type: ").append(response.content_type);
  for (const auto& [name, value] : response.headers) {
    head.append("\r\n").append(name).append(": ").append(value);
  }
  if (!connection.empty()) head.append("\r\nConnection: ").append(connection);
  if (framing == http_framing::chunks) {
    head.append("\r\nTransfer-Encoding: chunked");
  } else if (framing == http_framing::length && response.status != 204) {
    head.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  }
  head.append("\r\n\r\n");
}

}  // namespace perdure::gateway
