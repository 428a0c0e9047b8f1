// A Kafka of a test's own, by scripts/kafka-local, and a client of it that has nothing of ours.

#include "test/pubsub/kafka_server.hpp"

#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>

namespace perdure::test {
namespace {

using namespace std::chrono_literals;

constexpr int timeout_ms = 20'000;

template <auto Destroy>
struct destroyed_by {
  template <class T>
  void operator()(T* p) const {
    Destroy(p);
  }
};
template <class T, auto Destroy>
using owned = std::unique_ptr<T, destroyed_by<Destroy>>;

using owned_client = owned<rd_kafka_t, rd_kafka_destroy>;
using owned_queue = owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using owned_event = owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using owned_list = owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

owned_client client_of(const kafka_server& server, rd_kafka_type_t type,
                       const std::string& group = "probe",
                       const std::map<std::string, std::string>& more = {}) {
  auto* conf = rd_kafka_conf_new();
  auto set = [&](const char* name, const std::string& value) {
    BOOST_REQUIRE(rd_kafka_conf_set(conf, name, value.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK);
  };
  set("bootstrap.servers", server.address());
  set("allow.auto.create.topics", "false");
  if (type == RD_KAFKA_CONSUMER) {
    set("group.id", group);
    set("isolation.level", "read_committed");
    set("enable.partition.eof", "true");
    set("enable.auto.commit", "false");
    set("fetch.wait.max.ms", "20");
  } else {
    set("message.max.bytes", "1000000000");
  }
  for (const auto& [name, value] : more) set(name.c_str(), value);
  char why[256];
  owned_client client(rd_kafka_new(type, conf, why, sizeof why));
  BOOST_REQUIRE_MESSAGE(client, why);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(client.get());
  return client;
}

int partitions_of(rd_kafka_t* client, const std::string& topic) {
  owned<rd_kafka_topic_t, rd_kafka_topic_destroy> handle(
      rd_kafka_topic_new(client, topic.c_str(), nullptr));
  int count = 0;
  wait_until("topic " + topic + " is there", [&] {
    const struct rd_kafka_metadata* found = nullptr;
    if (rd_kafka_metadata(client, 0, handle.get(), &found, timeout_ms) != 0) return false;
    count = found->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(found);
    return count > 0;
  });
  return count;
}

template <class T>
std::optional<std::string> text_of(const void* bytes, T size) {
  if (bytes == nullptr) return {};
  return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

kafka_record record_of(const rd_kafka_message_t& m) {
  kafka_record r;
  r.partition = static_cast<std::uint32_t>(m.partition);
  r.offset = static_cast<std::uint64_t>(m.offset);
  r.time = rd_kafka_message_timestamp(&m, nullptr);
  r.key = text_of(m.key, m.key_len);
  r.payload = text_of(m.payload, m.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&m, &headers) == 0) {
    const char* name = nullptr;
    const void* bytes = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &bytes, &size) == 0; ++i) {
      r.headers.emplace_back(name, text_of(bytes, size).value_or(""));
    }
  }
  return r;
}

std::string quoted(const std::string& word) { return "'" + word + "'"; }

// The exit code of a command.
int run_command(const std::string& command) {
  auto ended = std::system(command.c_str());
  return WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
}

// What goes before a command of kafka-local.
std::string of_version(const std::string& version) {
  return (version.empty() ? "" : "KAFKA_LOCAL_VERSION=" + version + " ") + quoted(KAFKA_LOCAL) +
         " ";
}

boost::test_tools::assertion_result can_be_had(const std::string& version) {
  boost::test_tools::assertion_result answer(run_command(of_version(version) + "install") == 0);
  if (!answer) {
    auto why = "Kafka " + version + " cannot be had (scripts/kafka-local install)";
    answer.message() << why;
    std::cout << "SKIPPED: " << why << std::endl;
  }
  return answer;
}

}  // namespace

boost::test_tools::assertion_result has_kafka(boost::unit_test::test_unit_id) {
  return can_be_had("");
}

boost::test_tools::assertion_result has_kafka_for_scram(boost::unit_test::test_unit_id) {
  return can_be_had(kafka_for_scram);
}

std::uint16_t free_port() {
  auto descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  BOOST_REQUIRE(descriptor >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* bound = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  BOOST_REQUIRE(::bind(descriptor, bound, size) == 0);
  BOOST_REQUIRE(::getsockname(descriptor, bound, &size) == 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

kafka_server& shared_kafka() {
  static kafka_server one;
  return one;
}

std::shared_ptr<void> open_transaction(const kafka_server& server, const std::string& topic,
                                       std::chrono::milliseconds timeout) {
  std::shared_ptr<rd_kafka_t> client =
      client_of(server, RD_KAFKA_PRODUCER, "",
                {{"transactional.id", "stranger"},
                 {"transaction.timeout.ms", std::to_string(timeout.count())}});
  partitions_of(client.get(), topic);
  BOOST_REQUIRE(rd_kafka_init_transactions(client.get(), timeout_ms) == nullptr);
  BOOST_REQUIRE(rd_kafka_begin_transaction(client.get()) == nullptr);
  auto error = rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
                                 RD_KAFKA_V_VALUE(const_cast<char*>("?"), 1), RD_KAFKA_V_END);
  BOOST_REQUIRE(error == 0);
  BOOST_REQUIRE(rd_kafka_flush(client.get(), timeout_ms) == 0);
  return client;
}

std::string new_topic_name() {
  static std::atomic<int> count = 0;
  return "topic-" + std::to_string(++count);
}

void wait_until(const std::string& what, const std::function<bool()>& is_so) {
  auto end = std::chrono::steady_clock::now() + 60s;
  while (!is_so()) {
    BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < end, "waited in vain until " << what);
    std::this_thread::sleep_for(5ms);
  }
}

std::string kafka_record::header(const std::string& name) const {
  auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? "" : found->second;
}

kafka_server::kafka_server(std::vector<std::string> arguments, std::string version)
    : arguments_(std::move(arguments)), version_(std::move(version)) {
  start();
}

kafka_server::~kafka_server() {
  if (runs_) run("stop --kill", false);
}

pubsub::kafka_settings kafka_server::settings() const {
  pubsub::kafka_settings to;
  to.bootstrap_servers = address_;
  to.request_timeout = 20s;
  return to;
}

void kafka_server::run(const std::string& words, bool must_work) const {
  auto command = of_version(version_) + words + " --data " + quoted(folder().string());
  auto code = run_command(command);
  if (must_work) BOOST_REQUIRE_MESSAGE(code == 0, command << " ended with " << code);
}

// No port that a user's broker may want: any, and afterwards the same again.
void kafka_server::start() {
  std::string words =
      "start --port 0 --heap 256m --set log.retention.ms=-1 --for " + std::to_string(::getpid());
  for (const auto& word : arguments_) words += " " + quoted(word);
  run(words + " >/dev/null");
  std::getline(std::ifstream(folder() / "address"), address_);
  runs_ = true;
}

void kafka_server::kill() {
  run("stop --kill");
  runs_ = false;
}

void kafka_server::stop() {
  run("stop");
  runs_ = false;
}

namespace {

// Waits for the one answer of an administrator's request.
owned_event answer_of(rd_kafka_queue_t* queue) {
  owned_event event(rd_kafka_queue_poll(queue, timeout_ms));
  BOOST_REQUIRE(event);
  BOOST_REQUIRE_MESSAGE(rd_kafka_event_error(event.get()) == 0,
                        rd_kafka_event_error_string(event.get()));
  return event;
}

template <class Answer, class TopicsOf>
void require_done(const Answer* answer, TopicsOf topics_of) {
  std::size_t count = 0;
  const auto* const* topics = topics_of(answer, &count);
  BOOST_REQUIRE(count == 1);
  auto error = rd_kafka_topic_result_error(topics[0]);
  BOOST_REQUIRE_MESSAGE(error == 0, rd_kafka_err2str(error));
}

}  // namespace

void kafka_server::create_topic(const std::string& name, int partitions,
                                const std::map<std::string, std::string>& config) {
  auto client = client_of(*this, RD_KAFKA_PRODUCER);
  owned_queue queue(rd_kafka_queue_new(client.get()));
  owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> topic(
      rd_kafka_NewTopic_new(name.c_str(), partitions, 1, nullptr, 0));
  for (const auto& [key, value] : config) {
    rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
  }
  auto* wanted = topic.get();
  rd_kafka_CreateTopics(client.get(), &wanted, 1, nullptr, queue.get());
  auto event = answer_of(queue.get());
  require_done(rd_kafka_event_CreateTopics_result(event.get()),
               rd_kafka_CreateTopics_result_topics);
  partitions_of(client.get(), name);
}

void kafka_server::delete_topic(const std::string& name) {
  auto client = client_of(*this, RD_KAFKA_PRODUCER);
  owned_queue queue(rd_kafka_queue_new(client.get()));
  owned<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy> topic(
      rd_kafka_DeleteTopic_new(name.c_str()));
  auto* wanted = topic.get();
  rd_kafka_DeleteTopics(client.get(), &wanted, 1, nullptr, queue.get());
  auto event = answer_of(queue.get());
  require_done(rd_kafka_event_DeleteTopics_result(event.get()),
               rd_kafka_DeleteTopics_result_topics);
}

void kafka_server::add_partitions(const std::string& name, int total) {
  auto client = client_of(*this, RD_KAFKA_PRODUCER);
  owned_queue queue(rd_kafka_queue_new(client.get()));
  owned<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy> more(
      rd_kafka_NewPartitions_new(name.c_str(), static_cast<std::size_t>(total), nullptr, 0));
  auto* wanted = more.get();
  rd_kafka_CreatePartitions(client.get(), &wanted, 1, nullptr, queue.get());
  auto event = answer_of(queue.get());
  require_done(rd_kafka_event_CreatePartitions_result(event.get()),
               rd_kafka_CreatePartitions_result_topics);
  wait_until("the partitions are there",
             [&] { return partitions_of(client.get(), name) == total; });
}

void kafka_server::delete_records(const std::string& name, std::uint32_t partition,
                                  std::uint64_t before) {
  auto client = client_of(*this, RD_KAFKA_PRODUCER);
  owned_queue queue(rd_kafka_queue_new(client.get()));
  owned_list places(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(places.get(), name.c_str(),
                                    static_cast<std::int32_t>(partition))
      ->offset = static_cast<std::int64_t>(before);
  owned<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> what(
      rd_kafka_DeleteRecords_new(places.get()));
  auto* wanted = what.get();
  rd_kafka_DeleteRecords(client.get(), &wanted, 1, nullptr, queue.get());
  answer_of(queue.get());
}

void kafka_server::produce(const std::string& topic, const std::vector<kafka_record>& records) {
  if (!producer_) producer_ = std::shared_ptr<rd_kafka_t>(client_of(*this, RD_KAFKA_PRODUCER));
  auto* client = static_cast<rd_kafka_t*>(producer_.get());
  partitions_of(client, topic);
  for (const auto& r : records) {
    auto* headers = rd_kafka_headers_new(r.headers.size());
    for (const auto& [name, value] : r.headers) {
      rd_kafka_header_add(headers, name.c_str(), -1, value.data(),
                          static_cast<ssize_t>(value.size()));
    }
    auto* key = r.key ? const_cast<char*>(r.key->data()) : nullptr;
    auto key_size = r.key ? r.key->size() : 0;
    auto size = r.payload ? r.payload->size() : 0;
    auto* payload = r.payload ? const_cast<char*>(r.payload->data()) : nullptr;
    auto error = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic.c_str()),
                                   RD_KAFKA_V_PARTITION(static_cast<std::int32_t>(r.partition)),
                                   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
                                   RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE(payload, size),
                                   RD_KAFKA_V_TIMESTAMP(r.time), RD_KAFKA_V_HEADERS(headers),
                                   RD_KAFKA_V_END);
    BOOST_REQUIRE_MESSAGE(error == 0, rd_kafka_err2str(error));
  }
  BOOST_REQUIRE(rd_kafka_flush(client, timeout_ms) == 0);
}

std::vector<kafka_record> kafka_server::records(const std::string& topic) {
  auto client = client_of(*this, RD_KAFKA_CONSUMER);
  auto left = partitions_of(client.get(), topic);
  owned_list from(rd_kafka_topic_partition_list_new(left));
  for (int p = 0; p < left; ++p) {
    rd_kafka_topic_partition_list_add(from.get(), topic.c_str(), p)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  BOOST_REQUIRE(rd_kafka_assign(client.get(), from.get()) == 0);
  std::vector<kafka_record> found;
  while (left > 0) {
    owned<rd_kafka_message_t, rd_kafka_message_destroy> m(
        rd_kafka_consumer_poll(client.get(), timeout_ms));
    BOOST_REQUIRE(m);
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      --left;
    } else {
      BOOST_REQUIRE_MESSAGE(m->err == 0, rd_kafka_message_errstr(m.get()));
      found.push_back(record_of(*m));
    }
  }
  std::ranges::stable_sort(found, {},
                           [](const kafka_record& r) { return std::pair(r.partition, r.offset); });
  return found;
}

std::optional<std::uint64_t> kafka_server::committed(const std::string& group,
                                                     const std::string& topic,
                                                     std::uint32_t partition) {
  auto client = client_of(*this, RD_KAFKA_CONSUMER, group);
  owned_list places(rd_kafka_topic_partition_list_new(1));
  auto* place = rd_kafka_topic_partition_list_add(places.get(), topic.c_str(),
                                                  static_cast<std::int32_t>(partition));
  BOOST_REQUIRE(rd_kafka_committed(client.get(), places.get(), timeout_ms) == 0);
  if (place->offset < 0) return {};
  return static_cast<std::uint64_t>(place->offset);
}

}  // namespace perdure::test
