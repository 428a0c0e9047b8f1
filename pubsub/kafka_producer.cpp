// Transactions of librdkafka, so that there are two outcomes: written, or nothing is known and the
// producer is gone.

#include "pubsub/kafka_producer.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "pubsub/cloud_event.hpp"

namespace perdure::pubsub {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

// How long a flush goes on before it looks whether it is done.
constexpr auto flush_slice = 1ms;

// How long one call into librdkafka waits before we look whether the end is near.
constexpr auto slice = 200ms;

int millis(std::chrono::milliseconds d) { return static_cast<int>(d.count()); }

bool is_refusal(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
         error == RD_KAFKA_RESP_ERR_INVALID_RECORD || error == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE;
}

bool is_about_topic(rd_kafka_resp_err_t error) {
  auto code = code_of(error);
  return code == status_code::not_found || code == status_code::permission_denied;
}

struct deleter {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
template <class T>
using owned = std::unique_ptr<T, deleter>;

owned<rd_kafka_headers_t> headers_for(const outgoing_message& m, const std::string& store_id) {
  auto attributes = headers_of(*m.message);
  owned<rd_kafka_headers_t> headers(rd_kafka_headers_new(attributes.size() + 1));
  for (const auto& [name, value] : attributes) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  auto position = store_id + "/" + std::to_string(m.shard) + "/" +
                  std::to_string(perdure::value(m.message->offset));
  rd_kafka_header_add(headers.get(), position_header, -1, position.data(),
                      static_cast<ssize_t>(position.size()));
  return headers;
}

}  // namespace

// ------------------------------------------------------------------------------------- taking over

status kafka_producer::take_over() {
  close();
  auto conf = configuration_of(
      settings_, {{"transactional.id", id_},
                  {"enable.idempotence", "true"},
                  {"transaction.timeout.ms", std::to_string(settings_.transaction_timeout.count())},
                  {"partitioner", "murmur2_random"},
                  // Whether a message is too large is for the topic to say.
                  {"message.max.bytes", "1000000000"},
                  {"batch.size", batching_ == batching::large ? "1000000" : "65536"},
                  {"batch.num.messages", batching_ == batching::single ? "1" : "10000"}});
  if (!conf) return conf.error();
  auto opened = kafka_client::open({.type = RD_KAFKA_PRODUCER,
                                    .configuration = *std::move(conf),
                                    .delivered = [this](const rd_kafka_message_t& m) {
                                      std::lock_guard lock(mutex_);
                                      auto at = reinterpret_cast<std::size_t>(m._private);
                                      deliveries_[at] = {m.err, m.partition, m.offset};
                                    }});
  if (!opened) return opened.error();
  {
    std::lock_guard lock(mutex_);
    client_ = *std::move(opened);
  }
  auto done = run("taking over from ourselves", settings_.transaction_timeout,
                  [&](int timeout) { return rd_kafka_init_transactions(client_->get(), timeout); });
  if (!done.ok()) close();
  return done;
}

// `call` goes on where it was when it is called again after its timeout.
status kafka_producer::run(const std::string& tried, std::chrono::milliseconds for_at_most,
                           const std::function<rd_kafka_error_t*(int)>& call) {
  auto until = steady_clock::now() + for_at_most;
  for (;;) {
    if (interrupted_) return {status_code::unavailable, "Kafka, " + tried + ": interrupted"};
    auto* error = call(millis(slice));
    if (error == nullptr) return {};
    if (rd_kafka_error_is_retriable(error) != 0 && steady_clock::now() < until) {
      rd_kafka_error_destroy(error);
      continue;
    }
    return client_->status_of(error, tried);
  }
}

void kafka_producer::close() {
  for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
  topics_.clear();
  std::unique_ptr<kafka_client> ending;
  {
    std::lock_guard lock(mutex_);
    ending = std::move(client_);
  }
}

kafka_figures kafka_producer::figures() const {
  std::lock_guard lock(mutex_);
  return client_ ? client_->figures() : kafka_figures{};
}

// ------------------------------------------------------------------------------------------ topics

status kafka_producer::prepare(const std::string& kafka_name, std::uint32_t partitions) {
  PERDURE_CHECK(client_ != nullptr);
  auto there = client_->partitions(kafka_name, settings_.request_timeout);
  if (there || there.error().code() != status_code::not_found) return there.error();
  if (!settings_.create_topics) {
    return {status_code::not_found,
            "there is no topic \"" + kafka_name +
                "\" in Kafka, and the settings say that none is created: create it"};
  }
  if (auto created = create(kafka_name, partitions); !created.ok()) return created;
  log_info("topic \"" + kafka_name + "\" was created in Kafka, with " + std::to_string(partitions) +
           " partitions");
  // Brokers learn of it one after the other.
  auto until = steady_clock::now() + settings_.request_timeout;
  do {
    there = client_->partitions(kafka_name, settings_.request_timeout);
    if (there || there.error().code() != status_code::not_found) break;
    std::this_thread::sleep_for(20ms);
  } while (steady_clock::now() < until);
  return there.error();
}

status kafka_producer::create(const std::string& kafka_name, std::uint32_t partitions) {
  auto tried = "creating topic \"" + kafka_name + "\"";
  char why[256];
  owned<rd_kafka_NewTopic_t> topic(
      rd_kafka_NewTopic_new(kafka_name.c_str(), static_cast<int>(partitions),
                            settings_.replication_factor, why, sizeof why));
  if (!topic) return {status_code::invalid_argument, "Kafka, " + tried + ": " + why};
  owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_->get()));
  auto* wanted = topic.get();
  rd_kafka_CreateTopics(client_->get(), &wanted, 1, nullptr, queue.get());
  owned<rd_kafka_event_t> event(
      rd_kafka_queue_poll(queue.get(), millis(settings_.request_timeout)));
  if (!event) return client_->status_of(RD_KAFKA_RESP_ERR__TIMED_OUT, tried);
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return client_->status_of(rd_kafka_event_error(event.get()), tried,
                              rd_kafka_event_error_string(event.get()));
  }
  std::size_t count = 0;
  const auto* answer = rd_kafka_event_CreateTopics_result(event.get());
  const auto* const* topics = rd_kafka_CreateTopics_result_topics(answer, &count);
  if (count == 0) return client_->status_of(RD_KAFKA_RESP_ERR_UNKNOWN, tried);
  auto error = rd_kafka_topic_result_error(topics[0]);
  if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return {};
  const auto* text = rd_kafka_topic_result_error_string(topics[0]);
  return client_->status_of(error, tried, text != nullptr ? text : "");
}

result<rd_kafka_topic_t*> kafka_producer::handle_of(const std::string& kafka_name) {
  if (auto found = topics_.find(kafka_name); found != topics_.end()) return found->second;
  // Asked for first, so that the first message to it does not wait for a second.
  if (auto known = client_->partitions(kafka_name, settings_.request_timeout); !known) {
    return known.error();
  }
  auto* topic = rd_kafka_topic_new(client_->get(), kafka_name.c_str(), nullptr);
  if (topic == nullptr) {
    return client_->status_of(rd_kafka_last_error(), "topic \"" + kafka_name + "\"");
  }
  topics_[kafka_name] = topic;
  return topic;
}

// ----------------------------------------------------------------------------------------- writing

std::variant<kafka_producer::written, kafka_producer::failure> kafka_producer::write(
    std::span<const outgoing_message> group) {
  PERDURE_CHECK(client_ != nullptr);
  {
    std::lock_guard lock(mutex_);
    deliveries_.assign(group.size(), {});
  }
  auto begun = client_->status_of(rd_kafka_begin_transaction(client_->get()), "a transaction");
  if (!begun.ok()) return failed(std::move(begun), group);
  for (std::size_t at = 0; at < group.size(); ++at) {
    auto produced = produce(group, at);
    if (produced.ok()) continue;
    if (produced.code() == status_code::unavailable) return failed(std::move(produced), group);
    close();
    return failure{std::move(produced), at};
  }
  send_all();
  auto committed = run("committing a transaction", settings_.transaction_timeout, [&](int timeout) {
    return rd_kafka_commit_transaction(client_->get(), timeout);
  });
  if (!committed.ok()) return failed(std::move(committed), group);
  if (auto all = all_delivered(); !all.ok()) return failed(std::move(all), group);
  if (batching_ == batching::single) batching_ = batching::small;
  return tails_of(group);
}

// The payload is copied: a producer that fails may outlive the group.
status kafka_producer::produce(std::span<const outgoing_message> group, std::size_t at) {
  const auto& m = group[at].message->message;
  auto topic = handle_of(kafka_topic(settings_, m.topic));
  if (!topic) return topic.error();
  auto headers = headers_for(group[at], store_id_);
  auto until = steady_clock::now() + settings_.transaction_timeout;
  for (;;) {
    rd_kafka_vu_t parts[7];
    parts[0].vtype = RD_KAFKA_VTYPE_RKT;
    parts[0].u.rkt = *topic;
    parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[1].u.mem.ptr = m.payload ? const_cast<char*>(m.payload->data()) : nullptr;
    parts[1].u.mem.size = m.payload ? m.payload->size() : 0;
    parts[2].vtype = RD_KAFKA_VTYPE_KEY;
    parts[2].u.mem.ptr = m.key.empty() ? nullptr : const_cast<char*>(m.key.data());
    parts[2].u.mem.size = m.key.size();
    parts[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    parts[3].u.i64 = group[at].message->time.time_since_epoch().count();
    parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    parts[4].u.headers = headers.get();
    parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[5].u.ptr = reinterpret_cast<void*>(at);
    parts[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[6].u.i = RD_KAFKA_MSG_F_COPY;
    auto* error = rd_kafka_produceva(client_->get(), parts, std::size(parts));
    if (error == nullptr) {
      static_cast<void>(headers.release());  // the message's now
      return {};
    }
    auto code = rd_kafka_error_code(error);
    auto told = client_->status_of(error, "topic \"" + m.topic + "\"");
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && steady_clock::now() < until && !interrupted_) {
      std::this_thread::sleep_for(2ms);
      continue;
    }
    if (is_refusal(code)) return {status_code::invalid_argument, told.message()};
    return told;
  }
}

// Ends the producer: nothing of the group is used any more. Tells which message was the reason, if
// one was.
kafka_producer::failure kafka_producer::failed(status why,
                                               std::span<const outgoing_message> group) {
  std::optional<std::size_t> refused;
  std::size_t refusals = 0;
  {
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < deliveries_.size(); ++i) {
      auto error = deliveries_[i].error;
      if (is_refusal(error)) ++refusals;
      if (!refused && (is_refusal(error) || is_about_topic(error))) refused = i;
    }
  }
  failure told{std::move(why), {}};
  if (refused) {
    auto error = deliveries_[*refused].error;
    auto about =
        client_->status_of(error, "topic \"" + group[*refused].message->message.topic + "\"");
    if (!is_refusal(error)) {
      told = {std::move(about), refused};
    } else if (refusals == 1 || batching_ == batching::single) {
      told = {{status_code::invalid_argument, about.message()}, refused};
      if (batching_ == batching::single) batching_ = batching::small;
    } else {
      batching_ = batching_ == batching::large ? batching::small : batching::single;
      told.why = {status_code::unavailable, about.message() + "; sent again in smaller batches"};
    }
  }
  close();
  return told;
}

// A commit sends what waits to be sent, but looks whether it has been every 10 ms only.
void kafka_producer::send_all() {
  auto until = steady_clock::now() + slice;
  auto is_over = [&] { return interrupted_ || steady_clock::now() > until; };
  while (rd_kafka_outq_len(client_->get()) > 0 && !is_over()) {
    rd_kafka_flush(client_->get(), millis(flush_slice));
  }
}

// librdkafka commits no transaction that it has lost a message of; that all of them stand there is
// worth a look all the same.
status kafka_producer::all_delivered() const {
  std::lock_guard lock(mutex_);
  for (const auto& d : deliveries_) {
    if (d.error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return client_->status_of(d.error, "a transaction was committed, but a message of it");
  }
  return {};
}

kafka_producer::written kafka_producer::tails_of(std::span<const outgoing_message> group) const {
  written done;
  std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto& [error, partition, offset] = deliveries_[i];
    if (offset < 0) continue;  // Kafka had it already, and librdkafka does not know where
    auto& tail = done.tails[group[i].message->message.topic][static_cast<std::uint32_t>(partition)];
    tail = std::max(tail, topic_offset{static_cast<std::uint64_t>(offset) + 1});
  }
  return done;
}

}  // namespace perdure::pubsub
