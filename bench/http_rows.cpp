// Durable AddItem over HTTP/JSON beside a bare Beast server: the same client, the same bytes, by
// turns.

#include "bench/carts.hpp"
#include "bench/disk_probe.hpp"
#include "bench/http_load.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"

namespace perdure::bench {
namespace {

Figure add_item(const surroundings& with) {
  scratch_folder folder(with.data);
  service_process ours(service_command(with.shopping_cart, folder.path()));
  service_process echo({with.ceilings});
  auto requests = add_item_http_requests(many_carts);
  http_load to_ours({ours.port("http"), requests, 64});
  http_load to_echo({echo.port("http"), requests, 64});
  disk_probe to_disk(folder.path());

  measured of_ours, of_echo, of_disk;
  by_turns({{to_ours, of_ours}, {to_echo, of_echo}, {to_disk, of_disk, disk_share}}, with.how);
  auto made = rate_figure("http_add_item", of_ours, of_echo, {goal_kind::at_least, 0.5},
                          "64 connections; ceiling: a bare Beast server");
  set_disk(made, of_disk);
  return made;
}

}  // namespace

std::vector<row> http_rows() {
  return {{"http_add_item", [](const surroundings& with) { return std::vector{add_item(with)}; }}};
}

}  // namespace perdure::bench
