// Durable AddItem over gRPC beside bare gRPC servers: the same client, the same bytes, by turns.
//
// The goals are set against gRPC's generic server on its callback API. Perdure itself serves on
// completion queues, on which a bare server does more; so a row without a goal tells how near ours
// comes to that.

#include "bench/carts.hpp"
#include "bench/disk_probe.hpp"
#include "bench/grpc_load.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"

namespace perdure::bench {
namespace {

// Answers per second with so many calls in flight.
std::vector<Figure> at_in_flight(const surroundings& with, std::size_t in_flight, double wanted) {
  scratch_folder folder(with.data);
  service_process ours(service_command(with.shopping_cart, folder.path()));
  service_process echo({with.ceilings});
  auto requests = add_item_bytes(many_carts);
  grpc_load to_ours({ours.port("grpc"), add_item_path, requests, in_flight, with.channels});
  auto bare = [&](const char* port) {
    return grpc_load({echo.port(port), add_item_path, requests, in_flight, with.channels});
  };
  auto to_echo = bare("grpc"), to_queue_echo = bare("grpc-queue");
  disk_probe to_disk(folder.path());

  measured of_ours, of_echo, of_queue_echo, of_disk;
  by_turns({{to_ours, of_ours},
            {to_echo, of_echo},
            {to_queue_echo, of_queue_echo},
            {to_disk, of_disk, disk_share}},
           with.how);
  auto id = "grpc_add_item_" + std::to_string(in_flight);
  std::vector made{rate_figure(id, of_ours, of_echo, {goal_kind::at_least, wanted},
                               "ceiling: a bare gRPC server on the callback API"),
                   rate_figure(id + "_queue", of_ours, of_queue_echo, {},
                               "ceiling: a bare gRPC server on one completion queue")};
  for (auto& figure : made) set_disk(figure, of_disk);
  return made;
}

// What one caller waits for who has nobody beside him.
Figure one_in_flight(const surroundings& with) {
  scratch_folder folder(with.data);
  service_process ours(service_command(with.shopping_cart, folder.path()));
  service_process echo({with.ceilings});
  auto requests = add_item_bytes(many_carts);
  grpc_load to_ours({ours.port("grpc"), add_item_path, requests, 1});
  grpc_load to_echo({echo.port("grpc"), add_item_path, requests, 1});
  disk_probe to_disk(folder.path());

  measured of_ours, of_echo, of_disk;
  // Nothing here needs long to run evenly; so in more and shorter turns, since what else the disk
  // does weighs most where one waits for it.
  timing finer{with.how.slice / 4, with.how.slices * 4};
  by_turns({{to_ours, of_ours}, {to_echo, of_echo}, {to_disk, of_disk}}, finer);
  auto made = figure("grpc_one_in_flight", of_ours.p50_us(),
                     of_echo.p50_us() + 3 * of_disk.p50_us(), {goal_kind::at_most, 1}, "us",
                     "p50; ceiling: p50 of a bare gRPC server + 3 x p50 of fdatasync");
  made.set_ours_p50_us(of_ours.p50_us());
  made.set_ours_p99_us(of_ours.p99_us());
  made.set_ceiling_p50_us(of_echo.p50_us());
  made.set_ceiling_p99_us(of_echo.p99_us());
  set_disk(made, of_disk);
  return made;
}

// One cart that everybody wants, beside many carts of the same service.
Figure hot_cart(const surroundings& with) {
  scratch_folder folder(with.data);
  service_process ours(service_command(with.shopping_cart, folder.path()));
  auto to_one = add_item_bytes(1);
  auto to_many = add_item_bytes(many_carts);
  grpc_load hot({ours.port("grpc"), add_item_path, to_one, 256, with.channels});
  grpc_load spread({ours.port("grpc"), add_item_path, to_many, 256, with.channels});
  disk_probe to_disk(folder.path());

  measured of_hot, of_spread, of_disk;
  by_turns({{hot, of_hot}, {spread, of_spread}, {to_disk, of_disk, disk_share}}, with.how);
  auto made = rate_figure("hot_cart", of_hot, of_spread, {goal_kind::at_least, 0.7},
                          "one cart, 256 in flight; ceiling: many carts of the same service");
  set_disk(made, of_disk);
  return made;
}

}  // namespace

std::vector<row> grpc_rows() {
  auto at = [](std::size_t in_flight, double wanted) {
    return row{"grpc_add_item_" + std::to_string(in_flight),
               [=](const surroundings& with) { return at_in_flight(with, in_flight, wanted); }};
  };
  return {at(256, 0.8),
          at(64, 0.7),
          at(16, 0.6),
          {"grpc_one_in_flight",
           [](const surroundings& with) { return std::vector{one_in_flight(with)}; }},
          {"hot_cart", [](const surroundings& with) { return std::vector{hot_cart(with)}; }}};
}

}  // namespace perdure::bench
