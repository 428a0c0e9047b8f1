// From settings to the topics of a process. What belongs to embedded topics is their retention, to
// those in Kafka the relay, and the retention of what it had to put aside.

#include "apps/runtime/topic_home.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "apps/runtime/kafka_pairing.hpp"
#include "base/log.hpp"
#include "base/uuid.hpp"
#include "pubsub/embedded_topic_log.hpp"
#include "pubsub/kafka_topic_log.hpp"
#include "pubsub/kafka_topic_writer.hpp"
#include "pubsub/topic_retention.hpp"

namespace perdure::runtime {
namespace {

// How often what need not be kept any more is dropped.
constexpr std::chrono::seconds retention_interval{30};

// Drops it, on a thread of its own.
class retention_runs {
 public:
  retention_runs(const topic_home::surroundings& around, const settings& with,
                 std::optional<std::string> only)
      : clock_(around.clock),
        retention_(around.store, {with.limits.topic_retention,
                                  with.limits.topic_partition_bytes_max, std::move(only)}) {}
  ~retention_runs() { stop(); }

  void start() { run_later(); }
  void stop() {
    boost::asio::post(thread_, [this] {
      stopped_ = true;
      timer_.cancel();
    });
    thread_.join();
  }

 private:
  void run_later() {
    timer_.expires_after(retention_interval);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled || stopped_) return;
      if (auto s = retention_.run(clock_.now()); !s.ok()) {
        log_warning("topics keep what is past their retention for now: " + s.message());
      }
      run_later();
    });
  }

  const perdure::clock& clock_;
  pubsub::topic_retention retention_;
  bool stopped_ = false;  // of the thread
  boost::asio::thread_pool thread_{1};
  boost::asio::steady_timer timer_{thread_};
};

class embedded_topics final : public topic_home {
 public:
  embedded_topics(const settings& with, const surroundings& around)
      : log_(around.store, around.grown, around.elsewhere), retention_(around, with, {}) {}

  pubsub::topic_log& log() override { return log_; }
  bool may_repeat() const override { return false; }
  pubsub::relay_status relay() const override { return {}; }
  std::optional<pubsub::kafka_figures> kafka() const override { return std::nullopt; }
  std::vector<std::string> warnings() const override { return {}; }
  void start() override { retention_.start(); }
  void stop() override { retention_.stop(); }

 private:
  pubsub::embedded_topic_log log_;
  retention_runs retention_;
};

class kafka_topics final : public topic_home {
 public:
  kafka_topics(const settings& with, const surroundings& around,
               std::unique_ptr<pubsub::kafka_topic_log> log,
               std::unique_ptr<pubsub::kafka_topic_writer> writer)
      : log_(std::move(log)),
        writer_(std::move(writer)),
        relay_({.store = around.store,
                .commits = around.commits,
                .step_times = around.step_times,
                .grown = around.grown,
                .writer = *writer_},
               {}),
        refused_(around, with, pubsub::refused_topic) {}

  pubsub::topic_log& log() override { return *log_; }
  bool may_repeat() const override { return true; }
  void start() override {
    relay_.start();
    refused_.start();
  }
  void stop() override {
    refused_.stop();
    relay_.stop();
  }
  pubsub::relay_status relay() const override { return relay_.status_now(); }
  std::optional<pubsub::kafka_figures> kafka() const override {
    auto sum = log_->figures();
    sum += writer_->figures();
    return sum;
  }

  std::vector<std::string> warnings() const override {
    auto now = relay_.status_now();
    if (now.problem.empty()) return {};
    return {std::to_string(now.backlog) + (now.backlog == 1 ? " message waits" : " messages wait") +
            " for Kafka: " + now.problem};
  }

 private:
  const std::unique_ptr<pubsub::kafka_topic_log> log_;
  const std::unique_ptr<pubsub::kafka_topic_writer> writer_;
  pubsub::event_relay relay_;
  retention_runs refused_;
};

status embedded_already(const settings& with) {
  return {status_code::failed_precondition,
          "the topics of the data folder " + with.data +
              " are embedded, and hold messages; start with --topics embedded, or name another "
              "folder with --data"};
}

status in_kafka_already(const settings& with) {
  return {status_code::failed_precondition,
          "the topics of the data folder " + with.data +
              " are in a Kafka; start with --topics kafka, and its address in --kafka"};
}

}  // namespace

result<std::unique_ptr<topic_home>> topic_home::open(const settings& with, surroundings around) {
  auto paired = read_kafka_pairing(with.data);
  if (!paired.ok()) return paired.error();
  if (with.topics == topic_place::embedded) {
    if (*paired) return in_kafka_already(with);
    return std::unique_ptr<topic_home>(new embedded_topics(with, around));
  }
  auto log = pubsub::kafka_topic_log::open(with.kafka);
  if (!log.ok()) return log.error();
  if (!*paired) {
    if (!around.store.topics().empty()) return embedded_already(with);
    *paired = random_uuid();
    if (auto s = write_kafka_pairing(with.data, **paired); !s.ok()) return s;
  }
  auto writer = pubsub::kafka_topic_writer::open({.kafka = with.kafka, .store_id = **paired});
  if (!writer.ok()) return writer.error();
  return std::unique_ptr<topic_home>(
      new kafka_topics(with, around, *std::move(log), *std::move(writer)));
}

}  // namespace perdure::runtime
