// After sqlite_index_candidates. Makes all of them, sees what is used, and takes away what is not
// missed.

#include "views/sqlite_index_choice.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/check.hpp"
#include "views/sqlite_index_candidates.hpp"

namespace perdure::views {
namespace {

using names_of_tables = std::map<std::string, std::string>;

// "SCAN flights", "SEARCH f USING INDEX ix flights: origin (origin=?)": what stands behind the
// first word, up to what it uses.
std::string_view read_in(std::string_view line) {
  line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
  for (auto* behind : {" USING ", " VIRTUAL TABLE ", " LEFT-JOIN", " EXISTS"}) {
    line = line.substr(0, line.find(behind));
  }
  return line;
}

// Ours begin with "ix ", which a name of SQLite's own cannot.
std::string index_in(std::string_view line) {
  constexpr std::string_view marker = " INDEX ix ";
  auto at = line.find(marker);
  if (at == std::string_view::npos) return {};
  auto name = line.substr(at + marker.size() - 3);
  for (auto* behind : {" (", " LEFT-JOIN", " EXISTS"}) name = name.substr(0, name.find(behind));
  return std::string(name);
}

void add_line(read_ways& ways, std::string_view line, const names_of_tables& names) {
  if (line.starts_with("USE TEMP B-TREE")) ++ways.sorts;
  auto index = index_in(line);
  if (!index.empty()) ways.indexes.insert(index);
  bool is_automatic = line.find(" USING AUTOMATIC ") != std::string_view::npos;
  bool is_virtual = line.find(" VIRTUAL TABLE ") != std::string_view::npos;
  bool is_whole = (line.starts_with("SCAN ") && !is_virtual) || is_automatic;
  auto table = names.find(lower_case(read_in(line)));
  if (is_whole && table != names.end()) {
    bool is_in_order = line.find(" INDEX ") != std::string_view::npos && !is_automatic;
    ways.wholes.push_back({table->second, is_in_order});
  }
}

class chooser {
 public:
  chooser(sqlite_connection& in, std::span<const std::string> queries,
          std::span<const view_table_plan> tables)
      : in_(in) {
    for (auto& sql : queries) asked_.push_back({sql, table_names_in(sql, tables), {}});
  }

  // From the shortest on, as a longer one does what one with its first columns does.
  std::vector<index_plan> choose(std::vector<index_plan> all) {
    for (auto& index : all) run(index.create());
    see();
    std::erase_if(all, [&](const index_plan& index) {
      bool is_idle = !is_used(index);
      if (is_idle) drop(index);
      return is_idle;
    });
    auto is_shorter = [](const index_plan& a, const index_plan& b) {
      return a.columns.size() < b.columns.size();
    };
    std::stable_sort(all.begin(), all.end(), is_shorter);
    see();
    std::erase_if(all, [&](const index_plan& index) { return does_without(index); });
    return all;
  }

 private:
  struct asked {
    std::string sql;
    names_of_tables names;
    read_ways ways;
  };

  void run(const std::string& sql) { PERDURE_CHECK(in_.run(sql).ok()); }

  void drop(const index_plan& index) { run("DROP INDEX " + quoted(index.name)); }

  void see() {
    for (auto& query : asked_) query.ways = ways_of(in_, query.sql, query.names);
  }

  bool is_used(const index_plan& index) const {
    return std::any_of(asked_.begin(), asked_.end(),
                       [&](const asked& query) { return query.ways.indexes.contains(index.name); });
  }

  bool does_without(const index_plan& index) {
    drop(index);
    auto before = asked_;
    for (auto& query : asked_) {
      if (!query.ways.indexes.contains(index.name)) continue;
      auto now = ways_of(in_, query.sql, query.names);
      bool is_worse = now.wholes.size() > query.ways.wholes.size() || now.sorts > query.ways.sorts;
      if (is_worse) {
        run(index.create());
        asked_ = std::move(before);
        return false;
      }
      query.ways = std::move(now);
    }
    return true;
  }

  sqlite_connection& in_;
  std::vector<asked> asked_;
};

}  // namespace

read_ways ways_of(sqlite_connection& in, const std::string& sql, const names_of_tables& names) {
  read_ways ways;
  auto lines = in.plan_of(sql);
  if (!lines) return ways;
  for (auto& line : *lines) add_line(ways, line, names);
  return ways;
}

std::vector<index_plan> choose_indexes(sqlite_connection& in, std::span<const std::string> queries,
                                       std::span<const view_table_plan> tables) {
  std::vector<index_plan> all;
  for (auto& sql : queries) {
    for (auto& candidate : index_candidates(sql, tables)) {
      if (std::find(all.begin(), all.end(), candidate) == all.end()) all.push_back(candidate);
    }
  }
  return chooser(in, queries, tables).choose(std::move(all));
}

}  // namespace perdure::views
