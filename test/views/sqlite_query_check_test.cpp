#include <boost/test/unit_test.hpp>
#include <set>

#include "answers.pb.h"
#include "gallery.pb.h"
#include "perdure/annotations.pb.h"
#include "views/sqlite_index_candidates.hpp"
#include "views/sqlite_tables.hpp"

using namespace perdure;
using namespace perdure::views;

namespace {

std::vector<view_table_plan> tables() {
  return {{schema_of("paintings", *gallery::Painting::descriptor()), {"title"}},
          {schema_of("painters", *gallery::Painter::descriptor()), {}}};
}

view_query query_of(const google::protobuf::MethodDescriptor& rpc) {
  auto& asked = rpc.options().GetExtension(method).view().query();
  std::vector<table_schema> schemas;
  for (auto& table : tables()) schemas.push_back(table.schema);
  auto made = plan_query(asked.query(), schemas, *rpc.input_type(), *rpc.output_type(),
                         rpc.server_streaming());
  for (auto& problem : made.problems) BOOST_TEST(false, rpc.name() << ": " << problem.text);
  return {&rpc, std::move(made.plan), false, asked.may_scan()};
}

view_plan plan_of(const char* service, const std::set<std::string>& rpcs = {}) {
  auto* found = answers::Find::descriptor()->file()->FindServiceByName(service);
  BOOST_REQUIRE(found);
  view_plan plan{found, tables(), {}, {}, {}};
  for (int i = 0; i < found->method_count(); ++i) {
    bool is_wanted = rpcs.empty() || rpcs.contains(found->method(i)->name());
    if (is_wanted) plan.queries.push_back(query_of(*found->method(i)));
  }
  return plan;
}

std::set<std::string> indexes_of(const std::set<std::string>& rpcs) {
  auto checked = check_queries(plan_of("Indexed", rpcs));
  for (auto& found : checked.findings) BOOST_TEST(false, found.rpc->name() << ": " << found.text);
  std::set<std::string> names;
  for (auto& index : checked.indexes) names.insert(index.name);
  return names;
}

// Of one rpc of Doubtful, a line each.
std::string findings(const char* rpc) {
  std::string lines;
  for (auto& found : check_queries(plan_of("Doubtful", {rpc})).findings) {
    BOOST_TEST(found.rpc->name() == rpc);
    lines += (found.is_warning ? "warning: " : "") + found.text + "\n";
  }
  return lines;
}

using names = std::set<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_query_check)

BOOST_AUTO_TEST_CASE(an_index_is_made_of_what_a_query_compares_and_orders) {
  BOOST_TEST((indexes_of({"ByKey"}) == names{}));
  BOOST_TEST((indexes_of({"ByTitle"}) == names{"ix paintings: title"}));
  BOOST_TEST((indexes_of({"ByTitleAndYear"}) == names{"ix paintings: title, year"}));
  BOOST_TEST((indexes_of({"ByCity"}) == names{"ix paintings: \"home.city\", year"}));
  BOOST_TEST((indexes_of({"Newest"}) == names{"ix paintings: price, _key DESC"}));
  BOOST_TEST((indexes_of({"ByPainter"}) == names{"ix painters: name", "ix paintings: painter_id"}));
  BOOST_TEST((indexes_of({"Words"}) == names{}));
  BOOST_TEST((indexes_of({"Listed"}) == names{"ix paintings: owner"}));
  BOOST_TEST((indexes_of({"Common"}) == names{"ix paintings: museum"}));
  BOOST_TEST((indexes_of({"Everything"}) == names{}));
}

BOOST_AUTO_TEST_CASE(queries_share_their_indexes) {
  BOOST_TEST((indexes_of({"ByTitle", "ByTitleAndYear"}) == names{"ix paintings: title, year"}));
  BOOST_TEST(
      (indexes_of({"ByTitleInOrder", "ByTitleOfYear"}) == names{"ix paintings: title, price"}));
}

BOOST_AUTO_TEST_CASE(an_index_is_what_sqlite_makes_of_its_plan) {
  auto checked = check_queries(plan_of("Indexed", {"ByCity"}));
  BOOST_REQUIRE(checked.indexes.size() == 1);
  BOOST_TEST(checked.indexes[0].create() ==
             "CREATE INDEX \"ix paintings: \"\"home.city\"\", year\" ON \"paintings\" "
             "(\"home.city\", year)");
}

BOOST_AUTO_TEST_CASE(a_query_that_reads_all_of_a_table_is_warned_of) {
  auto warning =
      "warning: .view.query: reads all rows of \"paintings\". Indexes are made for columns that "
      "stand alone beside =, IN, <, > or BETWEEN, or in ORDER BY with LIMIT; if reading them all "
      "is "
      "what is meant, write may_scan: true\n";
  BOOST_TEST(findings("Whole") == warning);
  BOOST_TEST(findings("Lower") == warning);
}

BOOST_AUTO_TEST_CASE(what_sqlite_refuses_is_told_with_its_place_in_the_users_text) {
  BOOST_TEST(findings("Misspelt") ==
             ".view.query: line 2, column 7: no such function: lowr (did you mean \"lower\"?)\n");
  BOOST_TEST(findings("Arguments").find("wrong number of arguments to function abs()") !=
             std::string::npos);
  BOOST_TEST(findings("Syntax").find("near \"=\": syntax error") != std::string::npos);
  BOOST_TEST(findings("Changes") ==
             ".view.query: line 1, column 42: the query is not permitted: it may not call "
             "changes()\n");
}

BOOST_AUTO_TEST_CASE(a_column_that_never_fits_its_field_is_told) {
  BOOST_TEST(findings("Types") ==
             ".view.query: the column \"year\" is TEXT, which does not go into "
             "\"answers.Found.year\": INTEGER (int32)\n.view.query: the column \"title\" is "
             "INTEGER, which does not go into \"answers.Found.title\": TEXT (string)\n");
  BOOST_TEST(findings("TypeOfOne") ==
             ".view.query: line 1, column 22: the column \"year\" is TEXT, which does not go into "
             "\"answers.Found.year\": INTEGER (int32)\n");
}

BOOST_AUTO_TEST_CASE(candidates_are_read_from_names_however_they_are_written) {
  auto all = [](std::string_view sql) {
    auto known = tables();
    std::string text;
    for (auto& index : index_candidates(sql, known)) text += index.name + "\n";
    return text;
  };
  BOOST_TEST(all("SELECT 1 FROM paintings WHERE paintings.\"TITLE\" = ?1") ==
             "ix paintings: title\n");
  BOOST_TEST(all("SELECT 1 FROM \"paintings\" WHERE ?1 = [title]") == "ix paintings: title\n");
  BOOST_TEST(all("SELECT 1 FROM paintings WHERE 'title = 1' = ?1") == "");
  BOOST_TEST(all("SELECT 1 FROM paintings WHERE title NOT IN (1) OR year IS NOT NULL") == "");
  BOOST_TEST(all("SELECT 1 FROM painters WHERE title = 1") == "");
  BOOST_TEST(all("SELECT max(year) FROM paintings") == "ix paintings: year\n");
  BOOST_TEST(all("SELECT 1 FROM paintings ORDER BY year DESC, title, price DESC") ==
             "ix paintings: year, title DESC, price\n");
  BOOST_TEST(all("SELECT 1 FROM paintings ORDER BY _key, title") == "");
  BOOST_TEST(all("SELECT 1 FROM paintings WHERE tags = ?1 AND thumbnail = ?2") == "");
  for (auto* odd : {"", "\"", "'", "[", "SELECT \"", "FROM paintings WHERE title =", "AS", "x AS",
                    "FROM paintings ORDER BY", ". . ."}) {
    all(odd);
  }
}

BOOST_AUTO_TEST_CASE(tables_that_cannot_be_made_are_told) {
  auto plan = plan_of("Indexed", {"ByTitle"});
  plan.tables[0].searched = {"rank"};
  auto checked = check_queries(plan);
  BOOST_REQUIRE(checked.findings.size() == 1);
  BOOST_TEST(checked.findings[0].text ==
             "the tables cannot be made: reserved fts5 column name: rank");
}

BOOST_AUTO_TEST_SUITE_END()
