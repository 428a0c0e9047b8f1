// Prints the log of every shard of a data folder that no process has open, and what is left of the
// topic there. So the driver also sees what no entity shows. The lines are
//
//   event SHARD OFFSET ENTITY_TYPE ID SEQUENCE ENTRY       the entry of another than a ledger: "-"
//   message PARTITION OFFSET ledger ID SEQUENCE ENTRY
//   end PARTITION OFFSET                                   of the topic
//
//   crash_log DATA_FOLDER

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "ledger.hpp"
#include "persistence/rocksdb_step_store.hpp"

namespace perdure::test {
namespace {

constexpr std::size_t page_bytes = 1 << 20;

// False when a ledger's payload is none of its events.
bool print(const char* what, std::uint32_t shard, std::uint64_t offset, const entity_key& entity,
           sequence_nr sequence, const std::string& payload) {
  std::string entry = "-";
  if (entity.type == "ledger") {
    ledger::domain::EntryAdded added;
    if (!added.ParseFromString(payload)) return false;
    entry = ledger::entry_of(added);
  }
  std::printf("%s %u %" PRIu64 " %s %s %" PRIu64 " %s\n", what, shard, offset, entity.type.c_str(),
              entity.id.c_str(), value(sequence), entry.c_str());
  return true;
}

// False when the log cannot be read to its end.
bool print_log(persistence::step_store& store, shard_id shard) {
  for (log_offset next{0};;) {
    auto page = store.read_log(shard, next, page_bytes);
    if (!page.ok()) {
      std::fprintf(stderr, "%s\n", page.error().message().c_str());
      return false;
    }
    if (page->empty()) return true;
    for (const auto& event : *page) {
      if (!print("event", value(shard), value(event.offset), event.entity, event.sequence,
                 event.payload)) {
        return false;
      }
      next = event.offset + 1;
    }
  }
}

bool print_topic(persistence::topic_store& store, std::uint32_t partition) {
  const std::string topic = "entries";
  auto [next, end] = store.bounds(topic, partition);
  while (next < end) {
    auto page = store.read_topic(topic, partition, next, page_bytes);
    if (!page.ok()) {
      std::fprintf(stderr, "%s\n", page.error().message().c_str());
      return false;
    }
    for (const auto& [message, offset, time] : *page) {
      if (!message.sequence || !message.payload ||
          !print("message", partition, value(offset), {"ledger", message.key}, *message.sequence,
                 *message.payload)) {
        return false;
      }
      next = offset + 1;
    }
  }
  std::printf("end %u %" PRIu64 "\n", partition, value(end));
  return true;
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
    if (!test::print_topic(**store, shard)) return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
