// Prints the log of every shard of a data folder that no process has open: for each event a line
// with its shard, offset, ledger, sequence number, token, part and parts. So the driver also sees
// what no entity shows.
//
//   crash_log DATA_FOLDER

#include <cstdio>
#include <cstdlib>

#include "ledger_domain.pb.h"
#include "persistence/rocksdb_step_store.hpp"

namespace perdure::test {
namespace {

// False when the log cannot be read to its end.
bool print_log(persistence::step_store& store, shard_id shard) {
  constexpr std::size_t page_bytes = 1 << 20;
  for (log_offset next{0};;) {
    auto page = store.read_log(shard, next, page_bytes);
    if (!page.ok()) {
      std::fprintf(stderr, "%s\n", page.error().message().c_str());
      return false;
    }
    if (page->empty()) return true;
    for (const auto& event : *page) {
      ledger::domain::EntryAdded added;
      if (!added.ParseFromString(event.payload)) return false;
      std::printf("%u %llu %s %llu %s %d/%d\n", value(shard),
                  static_cast<unsigned long long>(value(event.offset)), event.entity.id.c_str(),
                  static_cast<unsigned long long>(value(event.sequence)), added.token().c_str(),
                  added.part(), added.parts());
      next = event.offset + 1;
    }
  }
}

}  // namespace
}  // namespace perdure::test

int main(int argc, char** argv) {
  using namespace perdure;
  if (argc != 2) {
    std::fprintf(stderr, "usage: crash_log DATA_FOLDER\n");
    return EXIT_FAILURE;
  }
  system_clock clock;
  auto store = persistence::rocksdb_step_store::open({.folder = argv[1], .clock = clock});
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.error().message().c_str());
    return EXIT_FAILURE;
  }
  for (std::uint32_t shard = 0; shard < (*store)->shard_count(); ++shard) {
    if (!test::print_log(**store, shard_id{shard})) return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
