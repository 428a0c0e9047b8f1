// The runtime without its gateways beside RocksDB without the runtime, and what its entities send
// beside what is sent to them, by turns in this process.

#include "bench/carts.hpp"
#include "bench/disk_probe.hpp"
#include "bench/in_process_load.hpp"
#include "bench/rocksdb_load.hpp"
#include "bench/rows.hpp"
#include "bench/send_load.hpp"
#include "bench/service_process.hpp"

namespace perdure::bench {
namespace {

Figure add_item(const surroundings& with) {
  scratch_folder folder(with.data);
  auto commands = add_item_commands(many_carts);
  // So that groups are about as large as the batches: one is gathered while one is written.
  in_process_load ours(folder.path() / "ours", commands, 512);
  rocksdb_load raw(folder.path() / "raw", commands, 256);
  disk_probe to_disk(folder.path());

  measured of_ours, of_raw, of_disk;
  by_turns({{ours, of_ours}, {raw, of_raw}, {to_disk, of_disk, disk_share}}, with.how);
  auto made = rate_figure("in_process", of_ours, of_raw, {goal_kind::at_least, 0.7},
                          "512 in flight, so groups of about 256; ceiling: RocksDB, synced batches "
                          "of 256 with the same bytes "
                          "(its p50 and p99: of a batch)");
  set_disk(made, of_disk);
  return made;
}

// The same commands, sent by entities: one, and eight, for each command that a sender handles.
std::vector<Figure> sends(const surroundings& with) {
  scratch_folder folder(with.data);
  auto commands = add_item_commands(many_carts);
  in_process_load direct(folder.path() / "direct", commands, 512);
  send_load one({folder.path() / "one", commands, 512, 1});
  send_load eight({folder.path() / "eight", commands, 512, 8});
  disk_probe to_disk(folder.path());

  measured of_direct, of_one, of_eight, of_disk;
  by_turns({{one, of_one}, {eight, of_eight}, {direct, of_direct}, {to_disk, of_disk, disk_share}},
           with.how);
  constexpr const char* ceiling = "; ceiling: commands per second in process, the same AddItem";
  std::vector made{
      figure("in_process_sends_1", of_one.rate(), of_direct.rate(), {goal_kind::at_least, 0.5},
             "sends/s", std::string("handled sends, one for each command of a sender") + ceiling),
      figure("in_process_sends_8", of_eight.rate(), of_direct.rate(), {goal_kind::at_least, 0.5},
             "sends/s",
             std::string("handled sends, eight for each command of a sender") + ceiling)};
  for (auto& f : made) set_disk(f, of_disk);
  return made;
}

}  // namespace

std::vector<row> in_process_rows() {
  return {{"in_process", [](const surroundings& with) { return std::vector{add_item(with)}; }},
          {"in_process_sends", sends}};
}

}  // namespace perdure::bench
