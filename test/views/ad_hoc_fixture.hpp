#pragma once

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gallery.pb.h"
#include "test/views/sqlite_asking.hpp"
#include "views/ad_hoc.hpp"

// Files of views, and tables from elsewhere, that questions are asked of.

namespace perdure::views {

// A table of given rows, that notes what it was asked.
class listed_table final : public foreign_table {
 public:
  using row = std::vector<sql_value>;
  listed_table(std::string name, std::vector<foreign_column> columns, std::vector<row> rows)
      : name_(std::move(name)), columns_(std::move(columns)), rows_(std::move(rows)) {}

  const std::string& name() const override { return name_; }
  const std::vector<foreign_column>& columns() const override { return columns_; }
  std::unique_ptr<foreign_cursor> open(const foreign_conditions& asked) const override {
    asked_last = asked;
    ++opened;
    return std::make_unique<cursor>(*this);
  }

  mutable foreign_conditions asked_last;
  mutable int opened = 0;
  mutable int given = 0;  // rows
  status fails_at_end;

 private:
  struct cursor final : foreign_cursor {
    explicit cursor(const listed_table& table) : of(table) {}
    result<bool> next() override {
      if (at == of.rows_.size()) {
        if (!of.fails_at_end.ok()) return of.fails_at_end;
        return false;
      }
      ++at;
      ++of.given;
      return true;
    }
    result<sql_value> column(std::size_t n) override { return of.rows_[at - 1][n]; }

    const listed_table& of;
    std::size_t at = 0;
  };

  std::string name_;
  std::vector<foreign_column> columns_;
  std::vector<row> rows_;
};

inline view_plan gallery_plan(std::vector<std::string> tables) {
  view_plan plan{};
  plan.definition = "1";
  for (auto& name : tables) {
    plan.tables.push_back({schema_of(std::move(name), *gallery::Painter::descriptor()), {}});
  }
  return plan;
}

struct ad_hoc_fixture {
  using texts = std::vector<std::string>;

  // Adds a view with these tables, each with the painters of these names.
  void add_view(const std::string& service, const texts& of, const texts& painters) {
    auto& plan = plans.emplace_back(std::make_unique<view_plan>(gallery_plan(of)));
    auto path = here.path / (service + ".db");
    auto opened = sqlite_view_file::open(path, *plan);
    BOOST_REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
    auto file = *std::move(opened);
    BOOST_REQUIRE(file->begin().ok());
    for (std::size_t table = 0; table < of.size(); ++table) {
      for (const auto& name : painters) {
        gallery::Painter painter;
        painter.set_name(name);
        BOOST_REQUIRE(file->put(table, name, painter).ok());
      }
    }
    BOOST_REQUIRE(file->commit().ok());
    files[service] = file;
    views.push_back(
        {service, of, [file] { return result<std::shared_ptr<sqlite_view_file>>(file); }});
  }

  ad_hoc_surroundings around() const {
    return {.views = views,
            .tables = tables,
            .until = std::chrono::steady_clock::now() + std::chrono::minutes{5},
            .cancelled = cancelled,
            .rows_max = rows_max,
            .bytes_max = bytes_max};
  }

  // The first value of each row, as text.
  result<texts> ask(const std::string& sql) const { return ask(sql, around()); }
  static result<texts> ask(const std::string& sql, ad_hoc_surroundings around) {
    auto asked = ad_hoc_question::ask(sql, std::move(around));
    if (!asked.ok()) return asked.error();
    texts all;
    for (;;) {
      auto row = (*asked)->next();
      if (!row.ok()) return row.error();
      if (!*row) return all;
      all.push_back(text_of((*row)->at(0)));
    }
  }
  static std::string text_of(const sql_value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
    return value.index() == 0 ? "NULL" : "?";
  }

  texts told(const std::string& sql) const {
    auto all = ask(sql);
    BOOST_REQUIRE_MESSAGE(all.ok(), sql << ": " << to_string(all.error()));
    return *all;
  }
  status refused(const std::string& sql) const { return refused(sql, around()); }
  static status refused(const std::string& sql, ad_hoc_surroundings around) {
    auto all = ask(sql, std::move(around));
    BOOST_REQUIRE_MESSAGE(!all.ok(), sql << " was answered");
    BOOST_TEST_MESSAGE(sql << ": " << to_string(all.error()));
    return all.error();
  }
  void check_code(const std::string& sql, status_code code) const {
    auto why = refused(sql);
    BOOST_TEST((why.code() == code), sql << ": " << to_string(why));
  }

  folder here;
  std::vector<std::unique_ptr<view_plan>> plans;
  std::map<std::string, std::shared_ptr<sqlite_view_file>> files;
  std::vector<asked_view> views;
  std::vector<std::shared_ptr<const foreign_table>> tables;
  std::shared_ptr<std::atomic<bool>> cancelled = std::make_shared<std::atomic<bool>>(false);
  std::size_t rows_max = 1000, bytes_max = 1 << 20;
};

}  // namespace perdure::views
