// One message to Kafka and back.

#include "test/pubsub/kafka_session.hpp"

#include <chrono>
#include <future>
#include <memory>

#include "pubsub/kafka_topic_log.hpp"
#include "pubsub/kafka_topic_writer.hpp"
#include "test/pubsub/kafka_server.hpp"

namespace perdure::test {

using namespace perdure::pubsub;

status write_and_read(const kafka_settings& settings) {
  auto topic = new_topic_name();
  auto writer = kafka_topic_writer::open({.kafka = settings, .store_id = topic});
  if (!writer) return writer.error();
  if (auto done = (*writer)->take_over(); !done.ok()) return done;
  if (auto done = (*writer)->prepare(topic, 1); !done.ok()) return done;
  persistence::stored_message message;
  message.message.topic = topic;
  message.message.key = "a";
  message.message.payload = "b";
  outgoing_message outgoing{&message, 0};
  auto written = (*writer)->write({&outgoing, 1});
  if (auto* failed = std::get_if<topic_writer::failure>(&written)) return failed->why;
  auto log = kafka_topic_log::open(settings);
  if (!log) return log.error();
  std::promise<result<topic_page>> told;
  (*log)->read("r", topic, 0, {}, 1000, [&](auto page) { told.set_value(std::move(page)); });
  auto page = told.get_future().get();
  if (!page) return page.error();
  BOOST_TEST(page->records.size() == 1);
  return {};
}

}  // namespace perdure::test
