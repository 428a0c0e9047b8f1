// What the admin port answers over HTTP. Health and figures are read-only and without secrets, so
// they ask nobody who they are.

#include "apps/runtime/admin_endpoint.hpp"

#include "gateway/http_error.hpp"
#include "gateway/http_json.hpp"

namespace perdure::runtime {

using gateway::http_response;

admin_endpoint::admin_endpoint(std::function<bool()> serving, warnings amiss,
                               std::vector<gauge> gauges,
                               std::function<status(const perdure::metadata&)> authorize,
                               gateway::http_handler rpcs)
    : serving_(std::move(serving)),
      amiss_(std::move(amiss)),
      gauges_(std::move(gauges)),
      authorize_(std::move(authorize)),
      rpcs_(std::move(rpcs)) {}

void admin_endpoint::operator()(const std::shared_ptr<gateway::http_exchange>& exchange) const {
  const auto& request = exchange->request();
  auto path = request.target.substr(0, request.target.find('?'));
  if (path != "/health" && path != "/metrics") {
    auto may = authorize_(request.headers);
    if (may.ok()) return rpcs_(exchange);
    auto refused = gateway::error_response(may);
    refused.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"perdure\"");
    return exchange->answer(std::move(refused));
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
  const std::string* last = nullptr;
  for (const auto& g : gauges_) {
    if (last == nullptr || *last != g.name) {
      text += "# HELP " + g.name + " " + g.description + "\n# TYPE " + g.name +
              (g.is_total ? " counter\n" : " gauge\n");
    }
    last = &g.name;
    text += g.name + (g.labels.empty() ? "" : "{" + g.labels + "}") + " " +
            std::to_string(g.read()) + "\n";
  }
  return {.body = std::move(text), .content_type = "text/plain; version=0.0.4"};
}

}  // namespace perdure::runtime
