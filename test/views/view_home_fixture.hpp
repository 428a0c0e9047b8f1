#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "test/views/ledger.hpp"
#include "views/view_home.hpp"

namespace perdure::test {

// The home of the ledger's view in a folder of its own.
struct view_home_fixture {
  temporary_folder outer;
  std::string folder = outer.path() / "views" / "ledger";
  std::shared_ptr<handler_script> script = std::make_shared<handler_script>();
  ledger_topics topics;
  std::vector<views::source_log> logs = topics.sources();
  std::unique_ptr<views::view_home> home;

  void open(const std::string& definition = "1") {
    home.reset();
    auto plan = ledger_plan(definition);
    tell_of(plan, "accounts");
    auto opened = views::view_home::open(
        {&ledger_service(), [script = script] { return std::make_unique<ledger_view>(script); }},
        std::move(plan), {folder, logs, topics.clock, {}});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    home = *std::move(opened);
  }
  void start(const std::string& definition = "1") {
    open(definition);
    home->start();
  }
  void serve(const std::string& definition = "1") {
    start(definition);
    wait_for_new();
  }
  void wait_for_new() {
    wait_until([&] { return home->serving().ok() && !home->status_now().next; }, "it serves");
  }
  void settle() { BOOST_REQUIRE(seen_by(*home, topics.ends()) == status()); }
  std::shared_ptr<sqlite_view_file> serving() {
    auto file = home->serving();
    BOOST_REQUIRE_MESSAGE(file.ok(), file.error());
    return *file;
  }
  std::string texts_of(const std::string& key) {
    return rows_of<Account>(*serving(), "accounts")[key].texts();
  }
  std::string serving_name() {
    return std::filesystem::path(serving()->path()).filename().string();
  }
  std::string file(int number) const { return folder + "/" + std::to_string(number) + ".db"; }
  // Without what SQLite keeps beside them.
  texts files() const {
    texts names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      auto name = entry.path().filename().string();
      if (!name.ends_with("-wal") && !name.ends_with("-shm")) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
  }
};

}  // namespace perdure::test
