#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "bench/load.hpp"
#include "bench/stock_items.hpp"
#include "perdure/view.hpp"

// Items that are counted in this process by commands, and a view that follows them.

namespace perdure::bench {

// As many counts as there can be, by 64 commands in flight. What counts is that the view has seen
// all of them, and that each live query has told the last of its shelf.
class followed_counts final : public load {
 public:
  struct settings {
    std::filesystem::path folder;
    stock_items items;
    view_model view;
    std::size_t live_queries = 0;  // of that view, one for each of so many shelves
  };
  explicit followed_counts(const settings& how);
  ~followed_counts() override;

  // The rate is of counts that the view, and who watches it, has seen; with processor time.
  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

// So many counts a second, and for some of them how long it takes from the command's reply until a
// query that waits for what the reply tells is answered with the row.
class view_lag final : public load {
 public:
  struct settings {
    std::filesystem::path folder;
    stock_items items;
    double per_second;
  };
  explicit view_lag(const settings& how);
  ~view_lag() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

// How many counts a second a process does, with the view that follows them, which has one
// processor.
double counts_of_one_core(const std::filesystem::path& folder, const stock_items& items,
                          std::chrono::milliseconds time);

}  // namespace perdure::bench
