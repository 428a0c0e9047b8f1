// What kind of value an expression gives, as its refusal by fields of other kinds tells.

#include "views/value_kinds.hpp"

#include <boost/test/unit_test.hpp>

#include "test/views/query_cases.hpp"

using namespace perdure::views;
using namespace perdure::views::testing;

namespace {

bool is_refused(const std::string& expression, const std::string& field) {
  auto made = planned("SELECT " + expression + " AS " + field + " FROM paintings");
  for (const auto& problem : made.problems) {
    bool is_of_kind = problem.text.find("which does not go into") != std::string::npos;
    BOOST_TEST(is_of_kind, expression << ": " << problem.text);
  }
  return !made.problems.empty();
}

// Empty where it is not known.
std::string kind_of(const std::string& expression) {
  bool is_no_text = is_refused(expression, "title"), is_no_number = is_refused(expression, "year");
  if (is_no_text) return is_no_number ? "blob" : "number";
  return is_no_number ? "text" : "";
}

void check(const std::string& kind, const std::vector<std::string>& expressions) {
  for (const auto& e : expressions) BOOST_TEST(kind_of(e) == kind, e << " is " << kind_of(e));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(value_kinds)

BOOST_AUTO_TEST_CASE(literals_and_casts_say_it) {
  check("number", {"1", "1.5e3", "-1", "((1))", "CAST(title AS INTEGER)", "CAST(title AS real)"});
  check("text", {"'a'", "CAST(year AS TEXT)", "CAST((year) AS text)"});
  check("blob", {"x'00'", "CAST(title AS BLOB)"});
  check("", {"NULL", "CAST(year AS VARCHAR(10))"});
}

BOOST_AUTO_TEST_CASE(functions_say_it) {
  check("number", {"count(*)", "SUM(price)", "sum(price) FILTER (WHERE year > 1900)", "avg(year)",
                   "length(title)", "row_number() OVER (ORDER BY year)", "json_array_length(tags)",
                   "unixepoch(painted)"});
  check("text", {"upper(title)", "group_concat(title, ', ')", "strftime('%Y', painted)"});
  check("", {"likely(year)", "json_extract(tags, '$[0]')", "substr(title, 1)"});
}

BOOST_AUTO_TEST_CASE(of_some_functions_the_arguments_say_it) {
  check("number", {"max(year)", "min(DISTINCT price)", "max(year, 1)", "coalesce(copies, 0)",
                   "first_value(year) OVER (ORDER BY title)", "nullif(year, 'never')",
                   "ifnull(max(year), count(*))"});
  check("text", {"max(title)", "coalesce(nickname, title, '')", "max(style)", "min(painted)"});
  check("blob", {"max(thumbnail)"});
  check("", {"coalesce(title, year)", "max(year, title)", "coalesce(NULL, year)"});
}

BOOST_AUTO_TEST_CASE(the_loosest_operator_says_it) {
  check("number",
        {"year + 1", "-year", "~year", "-(year) + 1", "year - -1", "title || 'x' = 'ax'",
         "title || 'x' + 1", "NOT is_sold", "title IS NULL", "title LIKE 'a%'", "year IN (1, 2)",
         "is_sold AND true", "EXISTS (SELECT 1)", "1 + CASE year WHEN 1 THEN 2 END",
         "CASE WHEN is_sold THEN 'a' ELSE 'b' END = 'a'"});
  check("text", {"title || year", "title || -year", "-year || title", "title || (year)",
                 "(year + 1) || ''", "upper(title) || CASE year WHEN 1 THEN 2 END"});
  check("", {"CASE WHEN year > 1900 THEN 1 ELSE 'a' END", "title COLLATE NOCASE", "+likely(title)",
             "tags ->> 0", "(SELECT name FROM painters WHERE city = 'Paris')"});
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_told_with_its_place) {
  auto query = [](const std::string& text) { return told(planned(text), text, false); };
  BOOST_TEST(query("SELECT year, sum(price) AS title FROM paintings GROUP BY year") ==
             "  ! SELECT year, ^sum(price) AS title FROM paintings GROUP BY year\n"
             "  ! sum(price) is a number, which does not go into \"gallery.Answer.title\": TEXT "
             "(string)\n");
  // Of a message something else is told.
  BOOST_TEST(planned("SELECT 1 AS line FROM paintings").problems.size() == 1u);
}

BOOST_AUTO_TEST_CASE(elements_of_lists_are_looked_at_too) {
  auto problems = [](const std::string& text) { return planned(text).problems.size(); };
  BOOST_TEST(problems("SELECT collect(title) AS titles FROM paintings") == 0u);
  BOOST_TEST(problems("SELECT collect(year) AS titles FROM paintings") == 1u);
  BOOST_TEST(problems("SELECT collect(DISTINCT year + 1) AS titles FROM paintings") == 1u);
  BOOST_TEST(problems("SELECT upper(title) AS titles FROM paintings") == 0u);
  BOOST_TEST(problems("SELECT length(title) AS titles FROM paintings") == 1u);
  BOOST_TEST(problems("SELECT collect((title, year)) AS lines FROM paintings") == 0u);
  BOOST_TEST(problems("SELECT collect((year AS title)) AS lines FROM paintings") == 1u);
  // A list as JSON is one value.
  BOOST_TEST(planned("SELECT '[' || json_quote(year) || ']' AS scores FROM paintings", "Painting")
                 .problems.empty());
}

BOOST_AUTO_TEST_SUITE_END()
