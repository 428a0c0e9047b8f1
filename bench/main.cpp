// perdure_bench: runs rows, prints them as a table and writes them as JSON. A benchmark decides
// nothing: it ends well when all was measured, whatever the figures are.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>

#include "bench/disk_probe.hpp"
#include "bench/rows.hpp"
#include "bench/service_process.hpp"

namespace perdure::bench {
namespace {

struct options {
  surroundings with;
  std::vector<std::string> rows;  // none: all
  std::string json;
};

std::vector<row> joined(std::initializer_list<std::vector<row>> some) {
  std::vector<row> all;
  for (const auto& rows : some) all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

std::vector<row> usual_rows() {
  return joined({grpc_rows(), key_value_rows(), in_process_rows(), http_rows(), counter_rows(),
                 start_rows(), memory_rows(), timer_rows(), topic_rows(), kafka_rows(),
                 view_query_rows(), view_rows()});
}

// Those that were asked for, in their usual order.
std::vector<row> chosen_rows(const std::vector<std::string>& ids) {
  if (ids.empty()) return usual_rows();
  auto rows = joined({usual_rows(), confirming_rows()});
  std::erase_if(rows, [&](const row& one) { return std::ranges::count(ids, one.id) == 0; });
  return rows;
}

// The disk's speed just after the row, where the row has not measured it itself.
void add_disk(std::vector<Figure>& figures, const surroundings& with) {
  scratch_folder folder(with.data);
  disk_probe probe(folder.path());
  measured of_disk;
  probe.run(std::chrono::milliseconds{20}, std::min(with.how.slice, std::chrono::milliseconds{300}),
            of_disk);
  for (auto& f : figures) {
    if (!f.has_disk_p50_us()) set_disk(f, of_disk);
  }
}

int run(const options& chosen) {
  std::vector<Figure> figures;
  bool all_ran = true;
  std::printf("%s\n", table_head().c_str());
  for (const auto& row : chosen_rows(chosen.rows)) {
    std::fflush(stdout);
    try {
      auto some = row.measure(chosen.with);
      add_disk(some, chosen.with);
      for (const auto& f : some) std::printf("%s\n", table_line(f).c_str());
      figures.insert(figures.end(), some.begin(), some.end());
    } catch (const std::exception& e) {
      std::printf("%-26s did not run: %s\n", row.id.c_str(), e.what());
      all_ran = false;
    }
  }
  if (!chosen.json.empty()) {
    std::ofstream file(chosen.json);
    if (!(file << to_json(figures) << std::flush)) {
      std::fprintf(stderr, "cannot write %s\n", chosen.json.c_str());
      return EXIT_FAILURE;
    }
  }
  return all_ran ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace perdure::bench

int main(int argc, char** argv) {
  using namespace perdure::bench;
  auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  options chosen;
  auto& with = chosen.with;
  with.shopping_cart = here.parent_path() / "apps/shopping_cart/shopping_cart";
  with.counter = here / "bench_counter";
  with.notes = here / "bench_notes";
  with.stock = here / "bench_stock";
  with.ceilings = here / "bench_ceilings";
  with.data = here / "data";
  auto slice = static_cast<int>(with.how.slice.count());

  std::vector<std::string> ids;
  for (const auto& row : joined({usual_rows(), confirming_rows()})) ids.push_back(row.id);
  CLI::App app("Measures Perdure beside its ceilings.", "perdure_bench");
  app.add_option("--row", chosen.rows,
                 "Rows to run; without it all but those that begin with confirm")
      ->check(CLI::IsMember(ids));
  app.add_option("--json", chosen.json, "File to write the figures to");
  app.add_option("--slice-ms", slice, "How long one side runs before the other has its turn")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--slices", with.how.slices, "Slices of each side")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--channels", with.channels, "Connections of a gRPC load")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--view-events", with.view_events,
                 "Events from which rows of a view are made anew; a power of ten")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--data", with.data, "Folder on a disk to make data folders in")
      ->capture_default_str();
  app.add_option("--shopping-cart", with.shopping_cart, "The service that is measured")
      ->capture_default_str();
  app.add_option("--ghz", with.ghz, "The program ghz, for confirm_grpc");
  CLI11_PARSE(app, argc, argv);
  with.how.slice = std::chrono::milliseconds{slice};
  return run(chosen);
}
