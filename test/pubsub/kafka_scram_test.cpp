// SASL SCRAM with a real Kafka, of a version that librdkafka can log in to.

#include <boost/test/unit_test.hpp>

#include "test/persistence/samples.hpp"
#include "test/pubsub/kafka_server.hpp"
#include "test/pubsub/kafka_session.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(kafka_scram, *boost::unit_test::precondition(has_kafka_for_scram))

BOOST_AUTO_TEST_CASE(who_knows_the_password_is_let_in) {
  auto port = std::to_string(free_port());
  kafka_server kafka({"--sasl-port", port, "--scram", "me=secret"}, kafka_for_scram);
  pubsub::kafka_settings settings;
  settings.bootstrap_servers = "127.0.0.1:" + port;
  settings.request_timeout = settings.transaction_timeout = 30s;
  settings.user = "me";
  settings.password = "secret";
  for (const auto* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    settings.sasl_mechanism = mechanism;
    BOOST_TEST(write_and_read(settings) == status());
  }
  settings.password = "guessed";
  settings.request_timeout = settings.transaction_timeout = 3s;
  auto refused = write_and_read(settings);
  BOOST_TEST(refused.code() == status_code::unavailable);
  BOOST_TEST(refused.message().find("uthentication") != std::string::npos, refused);
}

BOOST_AUTO_TEST_SUITE_END()
