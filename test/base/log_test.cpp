// The log: one line per entry on standard error, at once, with time and level.

#include "base/log.hpp"

#include <boost/test/unit_test.hpp>

#include <regex>
#include <string>

#include "test/base/standard_error_of.hpp"

using namespace perdure;
using namespace perdure::test;

namespace {

void log_at_every_level() {
  log(log_level::debug, "one");
  log_info("two");
  log_warning("three");
  log_error("four");
}

// Without the times, which stand first.
std::string without_times(const std::string& text) {
  static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )");
  return std::regex_replace(text, time, "");
}

}  // namespace

namespace perdure::test {  // elsewhere the name of the suite would clash with <cmath>'s

BOOST_AUTO_TEST_SUITE(log)

BOOST_AUTO_TEST_CASE(an_entry_is_a_line_with_time_and_level) {
  auto child = standard_error_of([] { log_warning("disk {} full"); });
  static const std::regex line(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning disk \{\} full\n)");
  BOOST_TEST(std::regex_match(child.text, line), child.text);
}

BOOST_AUTO_TEST_CASE(entries_below_the_level_are_dropped) {
  BOOST_TEST(without_times(standard_error_of(log_at_every_level).text) ==
             "info two\nwarning three\nerror four\n");
  auto child = standard_error_of([] {
    set_log_level(log_level::warning);
    log_at_every_level();
  });
  BOOST_TEST(without_times(child.text) == "warning three\nerror four\n");
  child = standard_error_of([] {
    set_log_level(log_level::debug);
    log_at_every_level();
  });
  BOOST_TEST(without_times(child.text) == "debug one\ninfo two\nwarning three\nerror four\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::test
