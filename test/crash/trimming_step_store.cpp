// The retention of topics, made to run all the time, and to drop nothing that is still to be read.

#include "test/crash/trimming_step_store.hpp"

namespace perdure::test {
namespace {

constexpr int groups_between_trimmings = 30;

}  // namespace

std::vector<status> trimming_step_store::commit(std::span<const persistence::step> group) {
  auto statuses = inner().commit(group);
  if (++groups_ == groups_between_trimmings) {
    groups_ = 0;
    trim_all();
  }
  return statuses;
}

// After a failure of the disk none of this can be done for a while.
void trimming_step_store::trim_all() {
  auto readers = inner().readers();
  if (!readers.ok()) return;
  for (const auto& topic : inner().topics()) {
    for (const auto& reader : *readers) {
      if (reader.ends_with("/topic/" + topic)) trim(topic, reader);
    }
  }
}

void trimming_step_store::trim(const std::string& topic, const std::string& reader) {
  auto cursors = inner().read_cursors(reader);
  if (!cursors.ok()) return;
  for (const auto& c : *cursors) (void)inner().trim_topic(topic, c.partition, c.next);
}

}  // namespace perdure::test
