#include "views/view_home.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(view_home)
BOOST_AUTO_TEST_SUITE_END()
