// Durable updates of key-value entities over gRPC, on RocksDB and on Redis.

#include "bench/carts.hpp"
#include "bench/disk_probe.hpp"
#include "bench/drivers.hpp"
#include "bench/grpc_load.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "notes_api.pb.h"

namespace perdure::bench {
namespace {

constexpr const char* put_path = "/bench.notes.api.Notes/Put";
constexpr std::size_t many_notes = 10'000;
constexpr std::size_t text_bytes = 100;

// One update for each of many notes, in an order that is no order.
std::vector<std::string> put_bytes() {
  std::vector<std::string> encoded;
  ::bench::notes::api::Note command;
  for (std::size_t i = 0; i < many_notes; ++i) {
    auto number = i * 7919 % many_notes;  // a prime that divides many_notes in no way
    command.set_note_id("note-" + std::to_string(1'000'000 + number));
    command.set_text(std::string(text_bytes, static_cast<char>('a' + i % 26)));
    encoded.push_back(command.SerializeAsString());
  }
  return encoded;
}

// Beside a bare gRPC server, which gets the same bytes.
Figure on_rocksdb(const surroundings& with, std::size_t in_flight, goal wanted) {
  scratch_folder folder(with.data);
  service_process ours(service_command(with.notes, folder.path()));
  service_process echo({with.ceilings});
  auto requests = put_bytes();
  grpc_load to_ours({ours.port("grpc"), put_path, requests, in_flight, with.channels});
  grpc_load to_echo({echo.port("grpc"), put_path, requests, in_flight, with.channels});
  disk_probe to_disk(folder.path());

  measured of_ours, of_echo, of_disk;
  by_turns({{to_ours, of_ours}, {to_echo, of_echo}, {to_disk, of_disk, disk_share}}, with.how);
  auto made = rate_figure("key_value_rocksdb_" + std::to_string(in_flight), of_ours, of_echo,
                          wanted, "ceiling: a bare gRPC server on the callback API");
  set_disk(made, of_disk);
  return made;
}

// Beside another Redis of the same kind that redis-benchmark has to itself, without gRPC; and
// beside the bare gRPC server, without a Redis.
std::vector<Figure> on_redis(const surroundings& with, std::size_t in_flight) {
  scratch_folder folder(with.data);
  scratch_folder ours_folder(with.data), raw_folder(with.data);
  redis_process of_notes(ours_folder.path()), of_sets(raw_folder.path());
  service_process ours(service_command(
      with.notes, folder.path(),
      {"--kv", "redis", "--redis", "127.0.0.1:" + std::to_string(of_notes.port())}));
  service_process echo({with.ceilings});
  auto requests = put_bytes();
  grpc_load to_ours({ours.port("grpc"), put_path, requests, in_flight, with.channels});
  grpc_load to_echo({echo.port("grpc"), put_path, requests, in_flight, with.channels});
  redis_benchmark sets({of_sets.port(), 1, in_flight, many_notes, text_bytes});
  disk_probe to_disk(folder.path());

  measured of_ours, of_echo, of_raw, of_disk;
  by_turns({{to_ours, of_ours}, {sets, of_raw}, {to_echo, of_echo}, {to_disk, of_disk, disk_share}},
           with.how);
  auto id = "key_value_redis_" + std::to_string(in_flight);
  auto beside_sets =
      figure(id, of_ours.rate(), of_raw.rate(), {goal_kind::at_least, 0.5}, "calls/s",
             "over gRPC; ceiling: redis-benchmark, SETs of 100 bytes without "
             "gRPC, as many pipelined; both with appendfsync always");
  beside_sets.set_ours_p50_us(of_ours.p50_us());
  beside_sets.set_ours_p99_us(of_ours.p99_us());
  beside_sets.set_ceiling_p50_us(sets.told().p50_us());
  beside_sets.set_ceiling_p99_us(sets.told().p99_us());
  std::vector made{beside_sets, rate_figure(id + "_echo", of_ours, of_echo, {},
                                            "ceiling: a bare gRPC server, without a Redis")};
  for (auto& f : made) set_disk(f, of_disk);
  return made;
}

}  // namespace

std::vector<row> key_value_rows() {
  auto rocksdb = [](std::size_t in_flight, goal wanted) {
    return row{"key_value_rocksdb_" + std::to_string(in_flight), [=](const surroundings& with) {
                 return std::vector{on_rocksdb(with, in_flight, wanted)};
               }};
  };
  return {rocksdb(256, {goal_kind::at_least, 0.7}),
          rocksdb(64, {}),
          rocksdb(16, {}),
          {"key_value_redis_256", [](const surroundings& with) { return on_redis(with, 256); }}};
}

}  // namespace perdure::bench
