// Embedded topics: from an entity's event to an action's handler, in this process.

#include <cstdio>

#include "bench/disk_probe.hpp"
#include "bench/readings.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "bench/topic_load.hpp"

namespace perdure::bench {
namespace {

constexpr int steady_rate = 200;  // per second
constexpr std::uint64_t stored_readings = 1'000'000;

std::vector<Figure> to_action(const surroundings& with) {
  scratch_folder folder(with.data);
  using kind = topic_load::kind;
  topic_load published({folder.path() / "published", kind::published, 2048});
  topic_load quiet({folder.path() / "quiet", kind::quiet, 512});
  disk_probe to_disk(folder.path());

  measured of_published, of_quiet, of_disk;
  by_turns({{published, of_published}, {quiet, of_quiet}, {to_disk, of_disk, disk_share}},
           with.how);
  auto made = figure("topic_to_action", of_published.rate(), of_quiet.rate(),
                     {goal_kind::at_least, 0.5}, "events/s",
                     "published by a command each and handled, 2048 on their way; ceiling: the "
                     "same commands without a topic, 512 in flight");
  set_disk(made, of_disk);
  return {made};
}

std::vector<Figure> latency(const surroundings& with) {
  scratch_folder folder(with.data);
  topic_latency steady({folder.path() / "data", {}, steady_rate});
  disk_probe to_disk(folder.path());

  measured of_steady, of_disk;
  by_turns({{steady, of_steady}, {to_disk, of_disk, disk_share}}, with.how);
  auto made = figure_without_goal("topic_latency", of_steady.p50_us(), "us",
                                  "p50 from a command's commit to the action's handler, " +
                                      std::to_string(steady_rate) + " a second");
  made.set_ours_p50_us(of_steady.p50_us());
  made.set_ours_p99_us(of_steady.p99_us());
  set_disk(made, of_disk);
  return {made};
}

std::vector<Figure> caught_up(const surroundings& with) {
  scratch_folder folder(with.data);
  auto spent = catch_up(folder.path() / "data", stored_readings).count();
  char seconds[16];
  std::snprintf(seconds, sizeof seconds, "%.1f", spent);
  return {figure_without_goal("topic_catch_up", static_cast<double>(stored_readings) / spent,
                              "events/s",
                              std::string("a new subscription takes in a topic that holds "
                                          "1,000,000 events, start of the runtime included, in ") +
                                  seconds + " s")};
}

}  // namespace

std::vector<row> topic_rows() {
  return {
      {"topic_to_action", to_action}, {"topic_latency", latency}, {"topic_catch_up", caught_up}};
}

}  // namespace perdure::bench
