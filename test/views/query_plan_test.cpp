#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iostream>
#include "test/views/query_cases.hpp"
#include "views/sql_tokens.hpp"
using namespace perdure::views;
using namespace perdure::views::testing;
BOOST_AUTO_TEST_SUITE(query_plan)
BOOST_AUTO_TEST_CASE(probe) {
  auto db = gallery_database();
  std::ifstream in("/tmp/wt/vd_queries.txt");
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty()) continue;
    bool streams = line[0] == '>';
    if (streams) line.erase(0, 1);
    std::string response = "Answer";
    if (line[0] == '@') { auto e = line.find(' '); response = line.substr(1, e - 1); line.erase(0, e + 1); }
    auto p = planned(line, response, streams);
    std::cout << "Q " << line << "\n";
    for (auto& x : p.problems) std::cout << "  ! " << x.at << " " << std::string(line).insert(std::min(x.at, line.size()), "^") << ": " << x.text << "\n";
    if (!p.problems.empty()) continue;
    std::cout << "  " << p.plan.sql << "\n  -> " << told(p.plan.results) << (p.plan.answers_many ? " MANY" : "") << " keys@" << p.plan.first_key_column << ":";
    for (auto& k : p.plan.key_columns) std::cout << " " << k;
    std::cout << "\n";
    if (p.plan.limit_sql) std::cout << "  limit " << *p.plan.limit_sql << "\n";
    if (p.plan.count_sql) std::cout << "  count " << *p.plan.count_sql << "\n";
    if (p.plan.live) std::cout << "  live " << p.plan.live->sql << "\n";
    for (auto sql : {std::optional(p.plan.sql), p.plan.limit_sql, p.plan.count_sql, p.plan.live ? std::optional(p.plan.live->sql) : std::nullopt}) {
      if (!sql) continue;
      auto s = db.prepare(*sql);
      if (!s.ok()) std::cout << "  SQLITE " << to_string(s.error()) << " of " << *sql << "\n";
    }
  }
}
BOOST_AUTO_TEST_SUITE_END()
