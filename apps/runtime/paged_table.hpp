#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "views/foreign_table.hpp"

// A table for SQL whose rows are made a page at a time.

namespace perdure::runtime {

using table_row = std::vector<views::sql_value>;  // as many as there are columns

// The next page, which may be empty; nullopt: there is no more.
using row_pages = std::function<result<std::optional<std::vector<table_row>>>()>;

class paged_table final : public views::foreign_table {
 public:
  using begin_reading = std::function<row_pages(const views::foreign_conditions&)>;

  paged_table(std::string name, std::vector<views::foreign_column> columns, begin_reading begin)
      : name_(std::move(name)), columns_(std::move(columns)), begin_(std::move(begin)) {}

  const std::string& name() const override { return name_; }
  const std::vector<views::foreign_column>& columns() const override { return columns_; }
  std::unique_ptr<views::foreign_cursor> open(
      const views::foreign_conditions& asked) const override {
    return std::make_unique<cursor>(begin_(asked));
  }

 private:
  class cursor final : public views::foreign_cursor {
   public:
    explicit cursor(row_pages pages) : pages_(std::move(pages)) {}

    result<bool> next() override {
      ++at_;
      while (at_ >= page_.size()) {
        auto more = pages_();
        if (!more.ok()) return more.error();
        if (!*more) return false;
        page_ = **std::move(more);
        at_ = 0;
      }
      return true;
    }

    result<views::sql_value> column(std::size_t n) override { return page_[at_][n]; }

   private:
    row_pages pages_;
    std::vector<table_row> page_;
    std::size_t at_ = 0;
  };

  std::string name_;
  std::vector<views::foreign_column> columns_;
  begin_reading begin_;
};

// All rows as one page: of what there are few.
inline row_pages one_page(std::vector<table_row> rows) {
  return [rows = std::optional(std::move(rows))]() mutable {
    return result<std::optional<std::vector<table_row>>>(std::exchange(rows, std::nullopt));
  };
}

// What a column of text must be equal to; nullopt: anything.
inline std::optional<std::string> sought_text(const views::foreign_conditions& asked,
                                              std::size_t column) {
  const auto& value = asked.equal[column];
  const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
  return text ? std::optional(*text) : std::nullopt;
}

}  // namespace perdure::runtime
