#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/views/ledger.hpp"

namespace perdure::test {

// A projector of the ledger on a file of its own.
struct projector_fixture {
  temporary_folder folder;
  std::string path = folder.path() / "1.db";
  view_plan plan = ledger_plan();
  std::shared_ptr<handler_script> script = std::make_shared<handler_script>();
  ledger_topics topics;
  std::vector<views::source_log> logs = topics.sources();
  views::projector_limits bounds{.attempts_max = 3,
                                 .backoff_min = std::chrono::milliseconds(1),
                                 .backoff_max = std::chrono::milliseconds(4),
                                 .look_every = std::chrono::milliseconds(100)};
  std::shared_ptr<sqlite_view_file> file;
  std::unique_ptr<views::projector> running;
  std::atomic<int> completed{0};
  std::atomic<std::size_t> changes{0};

  ~projector_fixture() { stop(); }

  void start() {
    auto opened = sqlite_view_file::open(path, plan);
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    file = *opened;
    view_model model{plan.service,
                     [script = script] { return std::make_unique<ledger_view>(script); }};
    running = std::make_unique<views::projector>(
        model, plan, file, bounds,
        views::projector::surroundings{
            .logs = logs,
            .clock = topics.clock,
            .reader = "view",
            .committed = [this](const views::committed_changes& c) { changes += c.rows.size(); },
            .has_all =
                [this] { running->complete({}, [this](const status& s) { completed += s.ok(); }); },
            .damaged = {}});
    running->start();
  }
  void stop() {
    if (running) running->stop();  // its thread calls it
    running.reset();
    file.reset();
  }
  void settle() { BOOST_REQUIRE(seen_by(*running, topics.ends()) == status()); }
  void wait(const std::function<bool(const views::projector_status&)>& is_so,
            const std::string& what) {
    wait_until([&] { return is_so(running->status_now()); }, what);
  }
  std::map<std::string, Account> accounts() { return rows_of<Account>(*file, "accounts"); }
  std::string texts_of(const std::string& key) { return accounts()[key].texts(); }
  std::vector<views::held_message> held() {
    stop();  // the file is the projector's
    auto opened = sqlite_view_file::open(path, plan);
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    auto all = (*opened)->held();
    BOOST_REQUIRE_MESSAGE(all.ok(), all.error());
    return *all;
  }
};

}  // namespace perdure::test
