// The admin port: one listener, behind it HTTP and gRPC on the same rpcs and the same token.

#include "apps/runtime/admin_port.hpp"

#include <utility>

#include "gateway/command_endpoint.hpp"
#include "gateway/grpc_server.hpp"
#include "gateway/http_endpoint.hpp"
#include "gateway/http_routes.hpp"

namespace perdure::runtime {

class admin_port::running {
 public:
  running(const settings& with, admin_token token, administered what, const perdure::clock& clock)
      : token_(std::move(token)),
        service_(std::move(what)),
        catalog_(admin_service::catalog()),
        endpoint_(service_.where(), clock, with.limits) {}

  status start(const settings& with, parts of) {
    auto routes = gateway::http_routes::of(catalog_);
    if (!routes.ok()) return routes.error();
    routes_ = *std::move(routes);

    auto grpc = gateway::grpc_server::start(
        {with.host, std::nullopt,
         [this](const perdure::metadata& call) { return token_.check(call); }},
        catalog_, endpoint_, with.limits);
    if (!grpc.ok()) return grpc.error();
    grpc_ = *std::move(grpc);

    gateway::http_endpoint rpcs(routes_, endpoint_, of.clock, with.limits);
    auto http = gateway::http_server::start(
        {.host = with.host,
         .port = with.admin_port,
         .port_option = "--admin-port",
         .threads = 1,
         .take_http_2 = [this](int descriptor) { grpc_->take(descriptor); }},
        admin_endpoint(
            std::move(of.serving), std::move(of.amiss), std::move(of.gauges),
            [this](const perdure::metadata& call) { return token_.check(call); }, std::move(rpcs)),
        with.limits);
    if (!http.ok()) return http.error();
    http_ = *std::move(http);
    return {};
  }

  int port() const { return http_->port(); }

  // HTTP first: it hands connections to the other.
  void stop() {
    if (http_) http_->stop(std::chrono::milliseconds{0});
    if (grpc_) grpc_->stop(std::chrono::milliseconds{0});
  }

 private:
  const admin_token token_;
  const admin_service service_;
  const gateway::service_catalog catalog_;
  const gateway::command_endpoint endpoint_;
  gateway::http_routes routes_;
  std::unique_ptr<gateway::grpc_server> grpc_;
  std::unique_ptr<gateway::http_server> http_;
};

result<std::unique_ptr<admin_port>> admin_port::start(const settings& with, parts of) {
  auto token = admin_token::open(with.data);
  if (!token.ok()) return token.error();
  auto made = std::make_unique<running>(with, *std::move(token), std::move(of.what), of.clock);
  if (auto s = made->start(with, std::move(of)); !s.ok()) return s;
  return std::unique_ptr<admin_port>(new admin_port(std::move(made)));
}

admin_port::admin_port(std::unique_ptr<running> started) : running_(std::move(started)) {}

admin_port::~admin_port() { stop(); }

int admin_port::port() const { return running_->port(); }

void admin_port::stop() { running_->stop(); }

}  // namespace perdure::runtime
