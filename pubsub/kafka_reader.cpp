// A reader's thread: attaches what is asked for, takes in what has come, tells those who wait. Only
// it speaks to the consumer, so that order is plain. Next: kafka_reader_errors.cpp.

#include "pubsub/kafka_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "pubsub/kafka_record.hpp"

namespace perdure::pubsub {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

// What is buffered of a partition before it is held back, and where it goes on.
constexpr std::size_t buffer_bytes_max = 4 << 20;
constexpr std::size_t buffer_bytes_low = 2 << 20;

// Taken in at once: so that pages are not of single records, and those who wait do not wait long.
constexpr std::size_t batch_max = 2'000;

constexpr auto idle_poll = 1000ms;
constexpr auto between_commits = 1s;
constexpr auto last_commit_max = 1s;

}  // namespace

result<std::unique_ptr<kafka_reader>> kafka_reader::open(const kafka_settings& settings,
                                                         const std::string& group) {
  auto conf = configuration_of(
      settings, {{"group.id", group.empty() ? settings.client_id : group},
                 {"isolation.level", "read_committed"},
                 {"enable.auto.commit", "false"},
                 {"enable.auto.offset.store", "false"},
                 {"enable.partition.eof", "true"},
                 {"auto.offset.reset", "error"},
                 {"check.crcs", "true"},
                 // A partition that is attached waits for what is being fetched of others.
                 {"fetch.wait.max.ms", "100"},
                 {"fetch.error.backoff.ms", "100"},
                 // What is fetched is taken at once; a full queue of librdkafka's own would stand
                 // still for a second.
                 {"queued.min.messages", "10000000"},
                 {"queued.max.messages.kbytes", "65536"},
                 {"fetch.max.bytes", "16777216"}});
  if (!conf) return conf.error();
  std::unique_ptr<kafka_reader> reader(new kafka_reader(settings, group));
  auto amiss = [r = reader.get()](rd_kafka_resp_err_t error, std::string_view reason) {
    auto code = code_of(error);
    r->may_be_missing_ |= code == status_code::not_found || code == status_code::permission_denied;
    if (error == RD_KAFKA_RESP_ERR__BAD_MSG) r->not_taken_ = reason;
  };
  auto client = kafka_client::open({.type = RD_KAFKA_CONSUMER,
                                    .configuration = *std::move(conf),
                                    .amiss = amiss,
                                    .serves_itself = false});
  if (!client) return client.error();
  reader->client_ = *std::move(client);
  reader->queue_ = rd_kafka_queue_get_consumer(reader->client_->get());
  reader->thread_ = std::thread([r = reader.get()] { r->run(); });
  return reader;
}

kafka_reader::kafka_reader(const kafka_settings& settings, const std::string& group)
    : settings_(settings), group_(group) {}

kafka_reader::~kafka_reader() {
  stop();
  if (thread_.joinable()) thread_.join();
  if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
}

// ------------------------------------------------------------------------------- what is asked for

void kafka_reader::read(const std::string& kafka_name, std::uint32_t partition, topic_offset from,
                        std::size_t bytes_max, on_page tell) {
  std::optional<result<topic_page>> told;
  {
    std::lock_guard lock(mutex_);
    auto& b = buffers_[{kafka_name, partition}];
    go_to(b, from);
    if (stopping_) {
      told = status(status_code::cancelled, "the reader was stopped");
    } else if (has_page(b)) {
      told = page_of(b, bytes_max);
    } else {
      b.waiting = reading{bytes_max, std::move(tell)};
    }
    if (b.bytes < buffer_bytes_low && !b.is_attached) b.wants_attaching = true;
  }
  rd_kafka_queue_yield(queue_);
  if (told) tell(*std::move(told));
}

// What is buffered from there on stays; what is not is fetched.
void kafka_reader::go_to(buffer& b, topic_offset from) {
  bool is_here = (b.is_attached || b.wants_attaching || !b.records.empty()) && b.first <= from &&
                 from <= b.end;
  if (is_here) {
    while (!b.records.empty() && b.records.front().offset < from) {
      b.bytes -= bytes_of(b.records.front());
      b.records.pop_front();
    }
  } else {
    b.records.clear();
    b.bytes = 0;
    b.end = from;
    b.wants_attaching = true;
  }
  b.first = from;
}

void kafka_reader::consumed(const std::string& kafka_name, std::uint32_t partition,
                            topic_offset next) {
  if (group_.empty()) return;
  std::lock_guard lock(mutex_);
  consumed_[{kafka_name, partition}] = next;
}

void kafka_reader::stop() {
  std::vector<on_page> told;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [at, b] : buffers_) {
      if (b.waiting) told.push_back(std::move(b.waiting->tell));
      b.waiting.reset();
    }
  }
  if (queue_ != nullptr) rd_kafka_queue_yield(queue_);
  for (const auto& tell : told) tell(status(status_code::cancelled, "the reader was stopped"));
}

// -------------------------------------------------------------------------------------- the thread

void kafka_reader::run() {
  while (!stopping_) {
    if (may_be_missing_) look_for_missing_topics();
    if (!not_taken_.empty()) look_for_answers_not_taken();
    attach_wanted();
    auto all = poll();
    take_in(all);
    for (auto* message : all) rd_kafka_message_destroy(message);
    if (steady_clock::now() - committed_ > between_commits) commit(false);
  }
  commit(true);
  ended_ = true;
}

kafka_reader::messages kafka_reader::poll() {
  messages all;
  auto* message = rd_kafka_consumer_poll(client_->get(), static_cast<int>(idle_poll.count()));
  while (message != nullptr) {
    all.push_back(message);
    if (all.size() == batch_max) break;
    message = rd_kafka_consumer_poll(client_->get(), 0);
  }
  return all;
}

void kafka_reader::take_in(const messages& all) {
  std::vector<telling> told;
  std::vector<place> detached;
  {
    std::lock_guard lock(mutex_);
    for (const auto* message : all) {
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
          message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        fail(*message, told, detached);
        continue;
      }
      auto found = buffers_.find(
          {rd_kafka_topic_name(message->rkt), static_cast<std::uint32_t>(message->partition)});
      if (found == buffers_.end() || !found->second.is_attached) continue;
      take(found->second, *message);
    }
    for (auto& [at, b] : buffers_) {
      if (b.waiting && has_page(b)) {
        auto page = page_of(b, b.waiting->bytes_max);
        told.emplace_back(std::move(b.waiting->tell), std::move(page));
        b.waiting.reset();
      }
      if ((b.wants_attaching || b.bytes > buffer_bytes_max) && let_go(b)) detached.push_back(at);
    }
  }
  detach(detached);
  for (auto& [tell, page] : told) tell(std::move(page));
}

// What stands before the end was fetched before, as when a batch that begins earlier came again.
void kafka_reader::take(buffer& into, const rd_kafka_message_t& message) {
  if (into.wants_attaching) return;  // elsewhere
  auto offset = topic_offset{static_cast<std::uint64_t>(message.offset)};
  if (offset < into.end) return;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    into.end = offset;
    return;
  }
  into.records.push_back(record_of(message));
  into.bytes += bytes_of(into.records.back());
  into.end = offset + 1;
}

topic_page kafka_reader::page_of(buffer& from, std::size_t bytes_max) {
  topic_page page;
  std::size_t bytes = 0;
  while (!from.records.empty()) {
    auto size = bytes_of(from.records.front());
    if (!page.records.empty() && bytes + size > bytes_max) break;
    bytes += size;
    page.records.push_back(std::move(from.records.front()));
    from.records.pop_front();
  }
  from.bytes -= bytes;
  page.next = from.records.empty() ? from.end : page.records.back().offset + 1;
  from.first = page.next;
  return page;
}

// -----------------------------------------------------------------------------------------
// fetching

void kafka_reader::attach_wanted() {
  std::vector<place> old;
  std::vector<std::pair<place, topic_offset>> wanted;
  {
    std::lock_guard lock(mutex_);
    for (auto& [at, b] : buffers_) {
      if (!b.wants_attaching) continue;
      if (let_go(b)) old.push_back(at);
      wanted.emplace_back(at, b.end);
    }
  }
  detach(old);
  for (const auto& [at, from] : wanted) {
    // Each may have to wait for who does not answer.
    if (!stopping_) attach(at, from);
  }
}

void kafka_reader::attach(const place& at, topic_offset from) {
  const auto& [topic, partition] = at;
  auto count = partitions(topic);
  if (!count) return fail(at, count.error());
  if (partition >= *count) {
    return fail(at, {status_code::not_found,
                     "Kafka, topic \"" + topic + "\" has " + std::to_string(*count) +
                         " partitions, and no partition " + std::to_string(partition)});
  }
  {
    std::lock_guard lock(mutex_);
    auto& b = buffers_[at];
    if (b.end != from) return;  // it is wanted elsewhere by now
    b.wants_attaching = false;
    b.is_attached = true;
  }
  auto list = make_partitions();
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(partition))
      ->offset = static_cast<std::int64_t>(value(from));
  auto* error = rd_kafka_incremental_assign(client_->get(), list.get());
  if (error == nullptr) return;
  {
    std::lock_guard lock(mutex_);
    buffers_[at].is_attached = false;
  }
  fail(at, client_->status_of(error, "reading topic \"" + topic + "\""));
}

// Nothing of these comes any more once it returns. Each was let go of with the lock under which
// that was decided, so that who reads on meanwhile wants it attached again.
void kafka_reader::detach(const std::vector<place>& all) {
  if (all.empty()) return;
  auto list = make_partitions(static_cast<int>(all.size()));
  for (const auto& [topic, partition] : all) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(),
                                      static_cast<std::int32_t>(partition));
  }
  auto done = client_->status_of(rd_kafka_incremental_unassign(client_->get(), list.get()),
                                 "reading no longer");
  if (!done.ok()) log_warning(done.message());
}

// The first use of a topic that the client has just heard of is quick.
result<std::uint32_t> kafka_reader::partitions(const std::string& kafka_name) {
  if (auto found = known_.find(kafka_name); found != known_.end()) return found->second;
  auto count = client_->partitions(kafka_name, settings_.request_timeout);
  if (count) known_[kafka_name] = *count;
  return count;
}

// ------------------------------------------------------------------------------ consumer group

// For tools only, so nobody minds when it fails.
void kafka_reader::commit(bool is_last) {
  committed_ = steady_clock::now();
  auto list = make_partitions();
  {
    std::lock_guard lock(mutex_);
    for (const auto& [at, next] : std::exchange(consumed_, {})) {
      rd_kafka_topic_partition_list_add(list.get(), at.first.c_str(),
                                        static_cast<std::int32_t>(at.second))
          ->offset = static_cast<std::int64_t>(value(next));
    }
  }
  if (list->cnt == 0) return;
  if (!is_last) {
    rd_kafka_commit(client_->get(), list.get(), 1);
    return;
  }
  auto* answers = rd_kafka_queue_new(client_->get());
  rd_kafka_commit_queue(client_->get(), list.get(), answers, nullptr, nullptr);
  auto* answer = rd_kafka_queue_poll(answers, static_cast<int>(last_commit_max / 1ms));
  if (answer != nullptr) rd_kafka_event_destroy(answer);
  rd_kafka_queue_destroy(answers);
}

}  // namespace perdure::pubsub
