// The contract of topic_log on the adapters that read our own store.

#include <boost/test/unit_test.hpp>

#include "test/pubsub/topic_log_contract.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;
using adapters = topic_log_adapters;

BOOST_AUTO_TEST_SUITE(topic_log_contract)
#include "test/pubsub/topic_log_contract_cases.hpp"
BOOST_AUTO_TEST_SUITE_END()
