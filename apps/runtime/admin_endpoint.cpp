// What the admin port answers. Read-only and without secrets, so it asks nobody who they are.

#include "apps/runtime/admin_endpoint.hpp"

#include "gateway/http_error.hpp"
#include "gateway/http_json.hpp"

namespace perdure::runtime {

using gateway::http_response;

admin_endpoint::admin_endpoint(std::function<bool()> serving, warnings amiss,
                               std::vector<gauge> gauges)
    : serving_(std::move(serving)), amiss_(std::move(amiss)), gauges_(std::move(gauges)) {}

void admin_endpoint::operator()(const std::shared_ptr<gateway::http_exchange>& exchange) const {
  const auto& request = exchange->request();
  auto path = request.target.substr(0, request.target.find('?'));
  if (path != "/health" && path != "/metrics") {
    return exchange->answer(gateway::error_response(
        {status_code::not_found, "the admin port has GET /health and GET /metrics"}));
  }
  if (request.method != "GET" && request.method != "HEAD") {
    auto refused =
        gateway::error_response({status_code::unimplemented, path + " takes GET only"}, 405);
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return exchange->answer(std::move(refused));
  }
  exchange->answer(path == "/health" ? health() : metrics());
}

http_response admin_endpoint::health() const {
  if (serving_()) {
    std::string text;
    for (const auto& warning : amiss_()) {
      text += (text.empty() ? "" : ",") + gateway::json_quoted(warning);
    }
    return {.body = R"({"status":"SERVING")" +
                    (text.empty() ? "" : R"(,"warnings":[)" + text + "]") + "}"};
  }
  return {.status = 503, .body = R"({"status":"NOT_SERVING"})"};
}

http_response admin_endpoint::metrics() const {
  std::string text;
  for (const auto& [name, description, read] : gauges_) {
    text += "# HELP " + name + " " + description + "\n# TYPE " + name + " gauge\n" + name + " " +
            std::to_string(read()) + "\n";
  }
  return {.body = std::move(text), .content_type = "text/plain; version=0.0.4"};
}

}  // namespace perdure::runtime
