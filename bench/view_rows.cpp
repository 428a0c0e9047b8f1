// Views in this process: how fast their rows are written, beside SQLite without Perdure; how soon a
// query sees them, and what live queries cost.

#include <algorithm>
#include <cstdio>
#include <string>

#include "bench/disk_probe.hpp"
#include "bench/raw_sqlite.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"
#include "bench/view_catch_up.hpp"
#include "bench/view_load.hpp"
#include "views/projector.hpp"

namespace perdure::bench {
namespace {

constexpr std::uint64_t caught_up_on = 50'000;  // events at a time
constexpr double lag_max_ms = 20;
constexpr std::size_t rows_at_once = views::projector_limits{}.batch_messages_max;

std::vector<Figure> updates(const surroundings& with) {
  scratch_folder folder(with.data);
  stock_items items{10'000, 100};
  view_catch_up ours(
      {folder.path() / "ours", items, std::min<std::uint64_t>(caught_up_on, with.view_events)});
  sqlite_upserts raw({folder.path() / "raw.db", ours.file(), items, rows_at_once});
  disk_probe to_disk(folder.path());

  measured of_ours, of_raw, of_disk;
  by_turns({{ours, of_ours}, {raw, of_raw}, {to_disk, of_disk, disk_share}}, with.how);
  auto made =
      figure("view_updates", of_ours.rate(), of_raw.rate(), {goal_kind::at_least, 0.5}, "rows/s",
             "of a view that catches up on events of 10,000 entities, a row of 5 columns "
             "for each; ceiling: SQLite, upserts of the same rows, 4096 in a transaction");
  set_disk(made, of_disk);
  return {made};
}

// Each by itself: neither would come to its end in a slice.
std::vector<Figure> rebuild(const surroundings& with) {
  scratch_folder folder(with.data);
  auto events = with.view_events;
  stock_items items{std::min<std::uint64_t>(100'000, events), 100};
  view_catch_up view({folder.path() / "ours", items, 0});
  view.count_up_to(events);
  std::vector<double> ours, raw;
  for (int i = 0; i < std::min(with.how.slices, 3); ++i) {
    ours.push_back(view.rebuild().count());
    auto file = folder.path() / ("raw-" + std::to_string(i) + ".db");
    await_quiet(std::chrono::seconds{5});
    raw.push_back(sqlite_upserts::build({file, view.file(), items, rows_at_once}, events).count());
  }
  char seconds[16];
  std::snprintf(seconds, sizeof seconds, "%.1f", median(ours));
  auto count = static_cast<double>(events);
  return {figure("view_rebuild", count / median(ours), count / median(raw),
                 {goal_kind::at_least, 0.5}, "events/s",
                 "the rows of " + std::to_string(items.count) + " entities made anew from " +
                     std::to_string(events) + " events, until they serve, in " + seconds +
                     " s; ceiling: SQLite, upserts of the same rows, 4096 in a transaction, and "
                     "the index")};
}

std::vector<Figure> lag(const surroundings& with) {
  scratch_folder folder(with.data);
  stock_items items{10'000, 100};
  auto of_one_core =
      counts_of_one_core(folder.path() / "one", items, with.how.slice * with.how.slices);
  view_lag steady({folder.path() / "half", items, of_one_core / 2});
  disk_probe to_disk(folder.path());

  measured of_steady, of_disk;
  by_turns({{steady, of_steady}, {to_disk, of_disk, disk_share}}, with.how);
  auto made =
      figure("view_lag", of_steady.p99_us() / 1000, lag_max_ms, {goal_kind::at_most, 1}, "ms",
             "p99 from a command's reply until a query that waits for it is answered with "
             "its row; " +
                 std::to_string(static_cast<int>(of_steady.rate())) +
                 " commands a second, half of what one core takes");
  made.set_ours_p50_us(of_steady.p50_us());
  made.set_ours_p99_us(of_steady.p99_us());
  set_disk(made, of_disk);
  return {made};
}

std::vector<Figure> live(const surroundings& with) {
  scratch_folder folder(with.data);
  constexpr std::size_t live_queries = 1'000;
  stock_items items{10'000, 10};
  auto view = live_stock_view_model();
  followed_counts watched({folder.path() / "watched", items, view, live_queries});
  followed_counts alone({folder.path() / "alone", items, view});
  disk_probe to_disk(folder.path());

  measured of_watched, of_alone, of_disk;
  by_turns({{watched, of_watched}, {alone, of_alone}, {to_disk, of_disk, disk_share}}, with.how);
  const std::string what =
      "events of 10,000 entities, by 64 commands in flight, with 1,000 live queries, 10 rows each, "
      "of which one has the row; ceiling: the same without any";
  std::vector made{
      figure("view_live", median(of_watched.processor_us), median(of_alone.processor_us), {}, "us",
             "processor time for an event, command and driver included; " + what),
      figure("view_live_rate", of_watched.rate(), of_alone.rate(), {}, "events/s",
             "commands until all is seen; " + what)};
  for (auto& f : made) set_disk(f, of_disk);
  return made;
}

}  // namespace

std::vector<row> view_rows() {
  return {
      {"view_updates", updates}, {"view_rebuild", rebuild}, {"view_lag", lag}, {"view_live", live}};
}

}  // namespace perdure::bench
