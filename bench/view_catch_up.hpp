#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "bench/load.hpp"
#include "bench/stock_items.hpp"

namespace perdure::bench {

// A view that reads the log of a store which nobody else reads: how fast it writes its rows.
class view_catch_up final : public load {
 public:
  struct settings {
    std::filesystem::path folder;
    stock_items items;
    std::uint64_t events;  // that it catches up on at a time
  };

  // Each item has been counted once, and has its row.
  explicit view_catch_up(const settings& how);
  ~view_catch_up() override;

  // Counts items while the view is closed, then opens it, again and again; the rate is of events
  // for the time until it has seen them all. That may be longer than `time`, once.
  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

  // Counts items, not measured, until there have been so many counts in all.
  void count_up_to(std::uint64_t counts);

  // Makes all rows anew, from all counts: how long until the new ones serve.
  std::chrono::duration<double> rebuild();

  // The rows, in a file of SQLite.
  std::filesystem::path file() const;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
