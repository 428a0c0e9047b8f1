// A failed check says what and where, and ends the process.

#include "base/check.hpp"

#include <sys/wait.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <string>

#include "test/base/standard_error_of.hpp"

using namespace perdure;
using namespace perdure::test;

BOOST_AUTO_TEST_SUITE(check)

BOOST_AUTO_TEST_CASE(a_failed_check_names_its_expression_and_its_place_and_aborts) {
  auto child = standard_error_of([] { PERDURE_CHECK(1 + 1 == 3); });
  BOOST_TEST((WIFSIGNALED(child.how) && WTERMSIG(child.how) == SIGABRT));
  BOOST_TEST(child.text.find("check_test.cpp:") != std::string::npos, child.text);
  BOOST_TEST(child.text.find("check failed: 1 + 1 == 3\n") != std::string::npos, child.text);
}

BOOST_AUTO_TEST_CASE(a_check_that_holds_says_nothing) {
  auto child = standard_error_of([] { PERDURE_CHECK(1 + 1 == 2); });
  BOOST_TEST((WIFEXITED(child.how) && WEXITSTATUS(child.how) == 0));
  BOOST_TEST(child.text == "");
}

BOOST_AUTO_TEST_SUITE_END()
