#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/load.hpp"
#include "bench/stock_items.hpp"

// SQLite without Perdure, on one thread: the tables, indexes and settings of a view's file, and the
// bytes that the view writes and reads there. Statements are prepared once, rows made beforehand.

namespace perdure::bench {

// Writes the rows that come of counting items, so many in a transaction.
class sqlite_upserts final : public load {
 public:
  struct settings {
    std::filesystem::path file;  // made new
    std::filesystem::path like;  // of the view that does the same
    stock_items items;
    std::uint64_t rows_at_once;  // in a transaction
  };
  explicit sqlite_upserts(const settings& how);
  ~sqlite_upserts() override;

  // Changes rows that are there.
  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

  // Into a table without indexes, which are made at last: how long that takes for so many counts.
  static std::chrono::duration<double> build(const settings& how, std::uint64_t counts);

 private:
  class running;
  std::unique_ptr<running> running_;
};

// Runs a query with one text as its parameter and copies the bytes of all its results.
class sqlite_query final : public load {
 public:
  // Each parameter in turn. They outlive it.
  sqlite_query(const std::filesystem::path& file, const std::string& sql,
               const std::vector<std::string>& parameters);
  ~sqlite_query() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
