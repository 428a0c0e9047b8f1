// What drivers that nobody here wrote see, beside what ours sees: the same server and ceiling, the
// same commands, as many in flight, all four by turns.

#include <stdexcept>

#include "bench/carts.hpp"
#include "bench/drivers.hpp"
#include "bench/grpc_load.hpp"
#include "bench/http_load.hpp"
#include "bench/rows.hpp"

namespace perdure::bench {
namespace {

constexpr std::size_t in_flight = 64;
constexpr goal within_20_percent{goal_kind::about, 1, 0.2};

struct seen {
  measured service;
  measured echo;
  double ratio() const { return service.rate() / echo.rate(); }
};

// A driver costs processor time that the server then lacks, each driver another amount: so beside
// the rates the ratios of service to echo are compared, which that touches less.
std::vector<Figure> compared(const std::string& protocol, const std::string& other_name,
                             const seen& own, const seen& other) {
  auto name = "confirm_" + protocol;
  auto note = [&](const std::string& what) {
    return what + "; ceiling: the same seen by " + other_name;
  };
  return {figure(name + "_service", own.service.rate(), other.service.rate(), within_20_percent,
                 "calls/s", note("the service's rate")),
          figure(name + "_echo", own.echo.rate(), other.echo.rate(), within_20_percent, "calls/s",
                 note("the bare server's rate")),
          figure(name + "_ratio", own.ratio(), other.ratio(), within_20_percent, "ratio",
                 note("the service's rate over the bare server's"))};
}

std::vector<Figure> grpc_by_ghz(const surroundings& with) {
  if (with.ghz.empty()) throw std::runtime_error("--ghz must name an executable");
  scratch_folder folder(with.data);
  service_process service(service_command(with.shopping_cart, folder.path()));
  service_process echo({with.ceilings});
  auto requests = add_item_bytes(many_carts);
  grpc_load own_service({service.port("grpc"), add_item_path, requests, in_flight});
  grpc_load own_echo({echo.port("grpc"), add_item_path, requests, in_flight});
  ghz ghz_service({with.ghz, service.port("grpc"), in_flight, requests, folder.path()});
  ghz ghz_echo({with.ghz, echo.port("grpc"), in_flight, requests, folder.path()});

  seen own, other;
  by_turns({{own_service, own.service},
            {own_echo, own.echo},
            {ghz_service, other.service},
            {ghz_echo, other.echo}},
           with.how);
  return compared("grpc", "ghz", own, other);
}

std::vector<Figure> http_by_wrk(const surroundings& with) {
  scratch_folder folder(with.data);
  service_process service(service_command(with.shopping_cart, folder.path()));
  service_process echo({with.ceilings});
  auto requests = add_item_http_requests(many_carts);
  http_load own_service({service.port("http"), requests, in_flight});
  http_load own_echo({echo.port("http"), requests, in_flight});
  wrk wrk_service({service.port("http"), in_flight, requests, false, folder.path()});
  wrk wrk_echo({echo.port("http"), in_flight, requests, false, folder.path()});

  seen own, other;
  by_turns({{own_service, own.service},
            {own_echo, own.echo},
            {wrk_service, other.service},
            {wrk_echo, other.echo}},
           with.how);
  return compared("http", "wrk", own, other);
}

}  // namespace

std::vector<row> confirming_rows() {
  return {{"confirm_grpc", grpc_by_ghz}, {"confirm_http", http_by_wrk}};
}

}  // namespace perdure::bench
