// Settings of Kafka: what is taken and what is refused, before anybody is spoken to.

#include "pubsub/kafka_settings.hpp"

#include <boost/test/unit_test.hpp>

#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::pubsub;

namespace {

void refused(const kafka_settings& settings, const std::string& because) {
  auto wrong = kafka_mistake(settings);
  BOOST_TEST(wrong.code() == status_code::invalid_argument);
  BOOST_TEST(wrong.message().find(because) != std::string::npos, wrong);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_settings)

BOOST_AUTO_TEST_CASE(the_defaults_are_in_order) {
  BOOST_TEST(kafka_mistake({}) == status());
  BOOST_TEST(kafka_topic({}, "flights") == "flights");
}

BOOST_AUTO_TEST_CASE(a_topic_is_named_by_the_pattern) {
  pubsub::kafka_settings s;
  s.topic_pattern = "prod.{topic}.v1";
  BOOST_TEST(kafka_mistake(s) == status());
  BOOST_TEST(kafka_topic(s, "flights") == "prod.flights.v1");
}

BOOST_AUTO_TEST_CASE(a_pattern_that_gives_no_name_is_refused) {
  for (const auto* pattern : {"", "prod", "{topic}{topic}", "prod/{topic}", "{topic} "}) {
    pubsub::kafka_settings s;
    s.topic_pattern = pattern;
    refused(s, "{topic}");
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_go_together_is_refused) {
  pubsub::kafka_settings s;
  s.bootstrap_servers = "";
  refused(s, "no Kafka is named");
  s = {};
  s.user = "me";
  refused(s, "SASL mechanism");
  s = {};
  s.sasl_mechanism = "PLAIN";
  refused(s, "user and a password");
  s.sasl_mechanism = "GSSAPI";
  refused(s, "PLAIN, SCRAM");
  s = {};
  s.ca_file = "ca.pem";
  refused(s, "TLS");
  s = {};
  s.use_tls = true;
  s.key = "key.pem";
  refused(s, "certificate needs its key");
}

BOOST_AUTO_TEST_CASE(properties_are_passed_through) {
  pubsub::kafka_settings s;
  s.properties = {{"compression.type", "zstd"}, {"socket.timeout.ms", "10000"}};
  BOOST_TEST(kafka_mistake(s) == status());
  s.properties = {{"compresion.type", "zstd"}};
  refused(s, "no property \"compresion.type\"");
  s.properties = {{"socket.timeout.ms", "soon"}};
  refused(s, "socket.timeout.ms");
}

BOOST_AUTO_TEST_CASE(properties_that_exactly_once_rests_on_are_refused) {
  for (const auto* name :
       {"isolation.level", "transactional.id", "enable.idempotence", "partitioner", "acks"}) {
    pubsub::kafka_settings s;
    s.properties = {{name, "x"}};
    refused(s, std::string(name) + " is ours to set");
  }
}

BOOST_AUTO_TEST_SUITE_END()
