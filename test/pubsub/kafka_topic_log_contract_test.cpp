// The contract of topic_log on a real Kafka.

#include <boost/test/unit_test.hpp>

#include "pubsub/kafka_topic_log.hpp"
#include "test/pubsub/kafka_server.hpp"
#include "test/pubsub/topic_log_contract.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

using boost::test_tools::per_element;

namespace {

// All share a broker; their topics have names of their own.
class kafka_log {
 public:
  pubsub::topic_log& operator*() { return *log_; }

  // Records of these times would be gone at once else.
  void create(const std::string& topic) {
    kafka_.create_topic(prefix_ + topic, partitions, {{"retention.ms", "-1"}});
  }
  void append(const std::string& topic, const sample_record& r) {
    kafka_record record;
    record.partition = partition_of_key(r.key, partitions);
    record.time = r.time.time_since_epoch().count();
    record.key = r.key;
    record.payload = r.payload;
    kafka_.produce(prefix_ + topic, {record});
  }
  bool trim(const std::string& topic, std::uint32_t partition, topic_offset first) {
    kafka_.delete_records(prefix_ + topic, partition, value(first));
    return true;
  }

 private:
  static constexpr std::uint32_t partitions = 4;

  std::unique_ptr<kafka_topic_log> open() {
    auto settings = kafka_.settings();
    settings.topic_pattern = prefix_ + "{topic}";
    auto opened = kafka_topic_log::open(settings);
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    return *std::move(opened);
  }

  kafka_server& kafka_ = shared_kafka();
  std::string prefix_ = new_topic_name() + ".";
  std::unique_ptr<kafka_topic_log> log_ = open();
};

using adapters = boost::mpl::list<kafka_log>;

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_topic_log_contract, *boost::unit_test::precondition(has_kafka))
#include "test/pubsub/topic_log_contract_cases.hpp"
BOOST_AUTO_TEST_SUITE_END()
