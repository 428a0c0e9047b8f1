// How far subscriptions, topics and views are, as tables: few rows, made when they are asked for.

#include <utility>

#include "apps/runtime/admin_tables.hpp"
#include "base/utf8.hpp"

namespace perdure::runtime {
namespace {

using columns = std::vector<views::foreign_column>;

void add(std::vector<admin_table>& to, std::string name, columns of,
         std::function<std::vector<table_row>()> rows) {
  to.push_back(std::make_shared<paged_table>(
      std::move(name), std::move(of),
      [rows = std::move(rows)](const views::foreign_conditions&) { return one_page(rows()); }));
}

views::sql_value flag(bool is) { return std::int64_t{is}; }

void add_subscriptions(const administered& what, std::vector<admin_table>& to) {
  add(to, "subscriptions",
      {{"name", "TEXT"},
       {"source", "TEXT"},
       {"paused", "INTEGER"},
       {"lag", "INTEGER"},
       {"handled", "INTEGER"},
       {"retrying", "INTEGER"},
       {"parked", "INTEGER"},
       {"held", "INTEGER"},
       {"problem", "TEXT"}},
      [all = what.subscriptions] {
        std::vector<table_row> rows;
        for (const auto& one : all) {
          auto now = one->status_now();
          rows.push_back({now.name, readable(now.source), flag(now.is_paused), number(now.lag),
                          number(now.handled), number(now.retrying), number(now.parked),
                          number(now.held), text_or_null(now.problem)});
        }
        return rows;
      });
  add(to, "subscription_partitions",
      {{"subscription", "TEXT"},
       {"partition", "INTEGER"},
       {"next_offset", "INTEGER"},
       {"end_offset", "INTEGER"}},
      [all = what.subscriptions] {
        std::vector<table_row> rows;
        for (const auto& one : all) {
          auto now = one->status_now();
          for (const auto& p : now.partitions) {
            rows.push_back(
                {now.name, number(p.partition), number(value(p.next)), number(value(p.end))});
          }
        }
        return rows;
      });
}

void add_topics(const administered& what, std::vector<admin_table>& to) {
  add(to, "topics",
      {{"name", "TEXT"},
       {"partition", "INTEGER"},
       {"first_offset", "INTEGER"},
       {"end_offset", "INTEGER"}},
      [&store = what.store] {
        std::vector<table_row> rows;
        for (const auto& name : store.topics()) {
          for (std::uint32_t n = 0; n < store.shard_count(); ++n) {
            auto bounds = store.bounds(name, n);
            rows.push_back({readable(name), number(n), number(value(bounds.first)),
                            number(value(bounds.end))});
          }
        }
        return rows;
      });
}

void add_views(const administered& what, std::vector<admin_table>& to) {
  add(to, "views",
      {{"service", "TEXT"},
       {"lag", "INTEGER"},
       {"handled", "INTEGER"},
       {"retrying", "INTEGER"},
       {"parked", "INTEGER"},
       {"held", "INTEGER"},
       {"problem", "TEXT"},
       {"complete", "INTEGER"},
       {"serves_old_definition", "INTEGER"},
       {"building_messages", "INTEGER"},
       {"building_lag", "INTEGER"},
       {"building_problem", "TEXT"}},
      [all = what.views] {
        std::vector<table_row> rows;
        for (const auto* view : all) {
          auto now = view->status_now();
          const auto& serving = now.serving;
          table_row row{now.service,
                        number(serving.lag),
                        number(serving.handled),
                        number(serving.retrying),
                        number(serving.parked),
                        number(serving.held),
                        text_or_null(serving.problem),
                        flag(serving.is_complete),
                        flag(now.serves_old_definition)};
          row.resize(12);
          if (now.next) {
            row[9] = number(now.next->messages);
            row[10] = number(now.next->progress.lag);
            row[11] = text_or_null(now.next->progress.problem);
          }
          rows.push_back(std::move(row));
        }
        return rows;
      });
  add(to, "view_partitions",
      {{"service", "TEXT"},
       {"source", "TEXT"},
       {"partition", "INTEGER"},
       {"next_offset", "INTEGER"},
       {"end_offset", "INTEGER"}},
      [all = what.views] {
        std::vector<table_row> rows;
        for (const auto* view : all) {
          auto now = view->status_now();
          for (const auto& p : now.serving.partitions) {
            rows.push_back({now.service, readable(p.source), number(p.partition),
                            number(value(p.next)), number(value(p.end))});
          }
        }
        return rows;
      });
}

}  // namespace

void add_status_tables(const administered& what, std::vector<admin_table>& to) {
  add_subscriptions(what, to);
  add_topics(what, to);
  add_views(what, to);
}

}  // namespace perdure::runtime
