// Ours and librdkafka's own, on one broker.

#include "bench/kafka_load.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/uuid.hpp"
#include "bench/plain_kafka.hpp"
#include "bench/readings.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "pubsub/event_relay.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/kafka_topic_writer.hpp"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int partitions = 16;  // as many as a store has shards
constexpr std::uint64_t different_readings = 20'000;

// Nothing on its way takes so long.
constexpr std::chrono::seconds patience{30};

double per_second(std::uint64_t count, clock::duration time) {
  return static_cast<double>(count) / std::chrono::duration<double>(time).count();
}

}  // namespace

// ------------------------------------------------------------------------------- librdkafka alone

class plain_producer::running {
 public:
  explicit running(const std::string& kafka)
      : client_(open_client(RD_KAFKA_PRODUCER, {.kafka = kafka,
                                                .properties = {{"enable.idempotence", "true"},
                                                               {"acks", "all"},
                                                               {"partitioner", "murmur2_random"}},
                                                .delivered = delivered,
                                                .opaque = this})) {
    create_topic(client_.get(), topic_name, partitions);
    topic_ = open_topic(client_.get(), topic_name);
  }

  void run(milliseconds lead_in, milliseconds time, measured& into) {
    produce_until(clock::now() + lead_in);
    auto before = acknowledged_;
    auto counted_from = clock::now();
    produce_until(counted_from + time);
    into.rates.push_back(per_second(acknowledged_ - before, clock::now() - counted_from));
    rd_kafka_flush(client_.get(), static_cast<int>(milliseconds{patience}.count()));
    if (failed_ > 0 || acknowledged_ < next_) {
      throw std::runtime_error("of " + std::to_string(next_) + " messages Kafka acknowledged " +
                               std::to_string(acknowledged_));
    }
  }

 private:
  static constexpr const char* topic_name = "plain-readings";

  void produce_until(clock::time_point end) {
    constexpr int look_every = 64;  // messages, for those that are acknowledged
    for (int i = 0;; ++i) {
      auto was_taken = readings_.produce(client_.get(), topic_.get(), next_);
      if (was_taken) ++next_;
      if (!was_taken || i % look_every == 0) {
        rd_kafka_poll(client_.get(), was_taken ? 0 : 1);
        if (clock::now() >= end) return;
      }
    }
  }

  // Called by rd_kafka_poll().
  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    auto& to = *static_cast<running*>(self);
    ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? to.acknowledged_ : to.failed_);
  }

  const prepared_readings readings_{different_readings};
  std::uint64_t next_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t failed_ = 0;
  kafka_owned<rd_kafka_t> client_;
  kafka_owned<rd_kafka_topic_t> topic_;
};

plain_producer::plain_producer(const std::string& kafka)
    : running_(std::make_unique<running>(kafka)) {}

plain_producer::~plain_producer() = default;

void plain_producer::run(milliseconds lead_in, milliseconds time, measured& into) {
  running_->run(lead_in, time, into);
}

// -------------------------------------------------------------------------------------- our relay

class relay_load::running {
 public:
  running(const std::filesystem::path& folder, const std::string& kafka)
      : kafka_(kafka), store_(open_store(folder, time_)), commits_(*store_) {
    commits_.on_group([this] { grown_.grown(); });
    commits_.start();
  }

  void run(milliseconds lead_in, milliseconds time, measured& into) {
    fill(lead_in + time);
    await_quiet(std::chrono::seconds{5});  // RocksDB puts what is new in order
    pubsub::kafka_topic_writer::settings to;
    to.kafka.bootstrap_servers = kafka_;
    to.store_id = store_id_;
    auto opened = pubsub::kafka_topic_writer::open(to);
    if (!opened.ok()) throw std::runtime_error(opened.error().message());
    pubsub::event_relay relay({*store_, commits_, times_, grown_, **opened}, {});
    relay.start();
    auto first = next_change(relay, 0);
    auto begun = first.when;
    while (first.when < begun + lead_in) first = next_change(relay, first.relayed);
    auto last = first;
    while (last.when < first.when + time) last = next_change(relay, last.relayed);
    relay.stop();
    auto rate = per_second(last.relayed - first.relayed, last.when - first.when);
    into.rates.push_back(rate);
    rate_ = std::max(rate_, rate);
  }

 private:
  static std::unique_ptr<persistence::rocksdb_step_store> open_store(
      const std::filesystem::path& folder, const perdure::clock& time) {
    auto opened = persistence::rocksdb_step_store::open({.folder = folder, .clock = time});
    if (!opened.ok()) throw std::runtime_error(opened.error().message());
    return *std::move(opened);
  }

  // More than can be relayed in that time, to judge by the fastest slice so far; what is left of it
  // is the next slice's.
  void fill(milliseconds for_time) {
    constexpr std::uint64_t transactions = 100'000;  // messages of some
    auto wanted = transactions + static_cast<std::uint64_t>(
                                     2 * rate_ * std::chrono::duration<double>(for_time).count());
    store_readings(*store_, times_, stored_, stored_ + wanted);
    stored_ += wanted;
  }

  struct change {
    clock::time_point when;
    std::uint64_t relayed;
  };
  static change next_change(const pubsub::event_relay& relay, std::uint64_t from) {
    auto give_up = clock::now() + patience;
    for (;;) {
      auto told = relay.status_now();
      auto now = clock::now();
      if (told.relayed > from) return {now, told.relayed};
      if (now > give_up) {
        throw std::runtime_error(std::to_string(told.relayed) + " messages were relayed, " +
                                 std::to_string(told.backlog) + " wait: " + told.problem);
      }
      std::this_thread::sleep_for(std::chrono::microseconds{500});
    }
  }

  const std::string kafka_;
  const std::string store_id_ = random_uuid();
  system_clock time_;
  hybrid_clock times_{time_};
  std::unique_ptr<persistence::rocksdb_step_store> store_;
  pubsub::growth grown_;
  persistence::group_commit commits_;
  std::uint64_t stored_ = 0;
  double rate_ = 100'000;  // the highest so far, at least this
};

relay_load::relay_load(const std::filesystem::path& folder, const std::string& kafka)
    : running_(std::make_unique<running>(folder, kafka)) {}

relay_load::~relay_load() = default;

void relay_load::run(milliseconds lead_in, milliseconds time, measured& into) {
  running_->run(lead_in, time, into);
}

// ----------------------------------------------------------------------- from producer to consumer

class plain_latency::running {
 public:
  running(const std::string& kafka, int per_second)
      : interval_(std::chrono::nanoseconds{std::chrono::seconds{1}} / per_second),
        producer_(open_client(RD_KAFKA_PRODUCER, {.kafka = kafka})) {
    create_topic(producer_.get(), topic_name, partitions);
    to_ = open_topic(producer_.get(), topic_name);
    consumer_ =
        open_client(RD_KAFKA_CONSUMER,
                    {.kafka = kafka,
                     .properties = {{"group.id", topic_name}, {"auto.offset.reset", "earliest"}}});
    rd_kafka_poll_set_consumer(consumer_.get());
    auto* topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic_name, RD_KAFKA_PARTITION_UA);
    auto error = rd_kafka_subscribe(consumer_.get(), topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
    consuming_ = std::jthread([this](const std::stop_token& ending) { consume(ending); });
  }

  ~running() {
    consuming_.request_stop();
    consuming_.join();
    rd_kafka_consumer_close(consumer_.get());
  }

  void run(milliseconds lead_in, milliseconds time, measured& into) {
    spent_ = &into.spent;
    auto next = clock::now();
    auto counted_from = next + lead_in;
    auto end = counted_from + time;
    while (next < end) {
      std::this_thread::sleep_until(next);
      if (next < counted_from) first_counted_ = produced_ + 1;
      produced_at(produced_) = clock::now();
      while (!readings_.produce(producer_.get(), to_.get(), produced_)) {
        rd_kafka_poll(producer_.get(), 1);
      }
      ++produced_;
      rd_kafka_poll(producer_.get(), 0);
      next += interval_;
    }
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return consumed_ >= produced_; })) {
      throw std::runtime_error("of " + std::to_string(produced_) + " messages " +
                               std::to_string(consumed_) + " were consumed");
    }
  }

 private:
  static constexpr const char* topic_name = "plain-latency";

  void consume(const std::stop_token& ending) {
    while (!ending.stop_requested()) {
      kafka_owned<rd_kafka_message_t> m(rd_kafka_consumer_poll(consumer_.get(), 100));
      if (!m || m->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      auto now = clock::now();
      ReadingAdded reading;
      reading.ParseFromArray(m->payload, static_cast<int>(m->len));
      std::lock_guard lock(mutex_);
      // The messages come again from the first when all have been sent; those of one turn are few.
      auto number = consumed_number(reading.number());
      if (number >= first_counted_) spent_->record(now - produced_at(number).load());
      ++consumed_;
      changed_.notify_one();
    }
  }

  // The last that was produced with this number in its payload.
  std::uint64_t consumed_number(std::uint64_t in_payload) const {
    std::uint64_t produced = produced_;
    auto rounds = produced / readings_.count();
    auto number = rounds * readings_.count() + in_payload;
    return number > produced ? number - readings_.count() : number;
  }

  std::atomic<clock::time_point>& produced_at(std::uint64_t number) {
    return produced_at_[number % produced_at_.size()];
  }

  const clock::duration interval_;
  const prepared_readings readings_{different_readings};
  std::atomic<std::uint64_t> produced_{0};
  std::atomic<std::uint64_t> first_counted_{0};
  std::array<std::atomic<clock::time_point>, different_readings> produced_at_{};
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::uint64_t consumed_ = 0;
  latencies* spent_ = nullptr;

  kafka_owned<rd_kafka_t> producer_;
  kafka_owned<rd_kafka_topic_t> to_;
  kafka_owned<rd_kafka_t> consumer_;
  std::jthread consuming_;
};

plain_latency::plain_latency(const std::string& kafka, int per_second)
    : running_(std::make_unique<running>(kafka, per_second)) {}

plain_latency::~plain_latency() = default;

void plain_latency::run(milliseconds lead_in, milliseconds time, measured& into) {
  running_->run(lead_in, time, into);
}

}  // namespace perdure::bench
