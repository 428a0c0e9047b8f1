// A reader of Kafka while nobody can be reached.

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include "pubsub/kafka_topic_log.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(kafka_reader)

BOOST_AUTO_TEST_CASE(it_ends_soon_though_many_partitions_wait_for_kafka) {
  pubsub::kafka_settings nobody;
  nobody.bootstrap_servers = "127.0.0.1:1";
  nobody.request_timeout = 1s;
  auto opened = kafka_topic_log::open(nobody);
  BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
  auto log = *std::move(opened);
  // By the second all that were asked for are known to it, and it is at the third.
  std::atomic<int> told = 0;
  for (std::uint32_t partition = 0; partition < 30; ++partition) {
    log->read("r", "t", partition, topic_offset{}, 1000,
              [&](const result<topic_page>&) { told.fetch_add(1); });
  }
  auto until = std::chrono::steady_clock::now() + 60s;
  while (told < 2 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(5ms);
  auto begun = std::chrono::steady_clock::now();
  log.reset();
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 10s));
}

BOOST_AUTO_TEST_SUITE_END()
