// The one main() of every test executable.

#define BOOST_TEST_MODULE perdure
#include <boost/test/unit_test.hpp>
