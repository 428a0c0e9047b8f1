// A client of librdkafka. Its log goes to ours, but a broker that is away is told of a hundred
// times in a minute, so most of that is for debugging only.

#include "pubsub/kafka_client.hpp"

#include <future>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.hpp"

namespace perdure::pubsub {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto between_warnings = 10s;
constexpr int syslog_warning = 4;
constexpr int poll_ms = 200;
constexpr auto destroy_max = 5s;
constexpr auto between_questions = 20ms;

// "[thrd:app]: perdure#producer-1: ..." -> "..."
std::string_view without_origin(std::string_view text) {
  for (const auto* end : {"]: ", ": "}) {
    auto at = text.find(end);
    if (at != std::string_view::npos && (text.front() == '[' || text.find('#') < at)) {
      text.remove_prefix(at + std::string_view(end).size());
    }
  }
  return text;
}

// All clients complain of one broker, and some live for a moment only.
bool is_time_to_warn() {
  static std::mutex mutex;
  static std::optional<steady_clock::time_point> warned;
  std::lock_guard lock(mutex);
  auto now = steady_clock::now();
  if (warned && now - *warned < between_warnings) return false;
  warned = now;
  return true;
}

struct metadata_answer {
  const struct rd_kafka_metadata* answer = nullptr;
  ~metadata_answer() {
    if (answer != nullptr) rd_kafka_metadata_destroy(answer);
  }
};

}  // namespace

bool is_news_to_some(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

status_code code_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return status_code::ok;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return status_code::not_found;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return status_code::permission_denied;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return status_code::out_of_range;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      return status_code::data_loss;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return status_code::invalid_argument;
    default:
      return status_code::unavailable;
  }
}

kafka_partitions make_partitions(int size) {
  return {rd_kafka_topic_partition_list_new(size), rd_kafka_topic_partition_list_destroy};
}

result<std::unique_ptr<kafka_client>> kafka_client::open(settings with) {
  std::unique_ptr<kafka_client> client(new kafka_client);
  auto* conf = with.configuration.release();
  client->listener_->delivered = std::move(with.delivered);
  client->listener_->amiss = std::move(with.amiss);
  rd_kafka_conf_set_opaque(conf, client->listener_.get());
  rd_kafka_conf_set_log_cb(conf, on_log);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_stats_cb(conf, on_statistics);
  if (client->listener_->delivered) rd_kafka_conf_set_dr_msg_cb(conf, on_message);
  char why[512];
  client->client_ = rd_kafka_new(with.type, conf, why, sizeof why);
  if (client->client_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    auto code = rd_kafka_last_error() == RD_KAFKA_RESP_ERR__INVALID_ARG
                    ? status_code::invalid_argument
                    : status_code::unavailable;
    return status(code, std::string("cannot set up a client of Kafka: ") + why);
  }
  if (with.type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(client->client_);
  if (with.serves_itself) client->server_ = std::thread([c = client.get()] { c->serve(); });
  return client;
}

// Without leaving its group: it was never in one. A transaction that is open stays so; whoever
// takes over ends it.
//
// librdkafka 2.0 never ends a consumer under which a topic was deleted: it has lost count of who
// refers to a broker. So we do not wait for it for ever; what is left then is a thread or two.
kafka_client::~kafka_client() {
  ending_ = true;
  if (server_.joinable()) server_.join();
  if (client_ == nullptr) return;
  listener_->delivered = {};
  listener_->amiss = {};
  auto ended = std::make_shared<std::promise<void>>();
  std::thread([client = client_, listener = listener_, ended] {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    ended->set_value();
  }).detach();
  if (ended->get_future().wait_for(destroy_max) != std::future_status::ready) {
    log(log_level::debug, "Kafka: a client does not end, and is left alone");
  }
}

void kafka_client::serve() {
  bool is_consumer = rd_kafka_type(client_) == RD_KAFKA_CONSUMER;
  while (!ending_) {
    if (!is_consumer) {
      rd_kafka_poll(client_, poll_ms);
    } else if (auto* message = rd_kafka_consumer_poll(client_, poll_ms)) {
      rd_kafka_message_destroy(message);
    }
  }
}

result<std::uint32_t> kafka_client::partitions(const std::string& kafka_name,
                                               std::chrono::milliseconds timeout) const {
  auto until = steady_clock::now() + timeout;
  auto tried = "topic \"" + kafka_name + "\"";
  std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
      rd_kafka_topic_new(client_, kafka_name.c_str(), nullptr), rd_kafka_topic_destroy);
  if (topic == nullptr) return status_of(rd_kafka_last_error(), tried);
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    metadata_answer metadata;
    auto error = rd_kafka_metadata(client_, 0, topic.get(), &metadata.answer,
                                   static_cast<int>(std::max(left, 1ms).count()));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && metadata.answer->topic_cnt == 1) {
      const auto& found = metadata.answer->topics[0];
      error = found.err;
      for (int i = 0; i < found.partition_cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
        if (found.partitions[i].leader < 0) error = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
      }
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR && found.partition_cnt > 0) {
        return static_cast<std::uint32_t>(found.partition_cnt);
      }
    }
    auto code = code_of(error);
    bool may_pass = code == status_code::unavailable || code == status_code::ok;
    if (!may_pass || steady_clock::now() > until) return status_of(error, tried);
    std::this_thread::sleep_for(between_questions);
  }
}

result<kafka_client::offsets> kafka_client::bounds(const std::string& kafka_name,
                                                   std::uint32_t partition,
                                                   std::chrono::milliseconds timeout) const {
  auto until = steady_clock::now() + timeout;
  for (;;) {
    offsets found;
    auto error = rd_kafka_query_watermark_offsets(
        client_, kafka_name.c_str(), static_cast<std::int32_t>(partition), &found.first, &found.end,
        static_cast<int>(timeout.count()));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return found;
    if (!is_news_to_some(error) || steady_clock::now() > until) {
      return status_of(error, "the bounds of topic \"" + kafka_name + "\", partition " +
                                  std::to_string(partition));
    }
    std::this_thread::sleep_for(between_questions);
  }
}

status kafka_client::status_of(rd_kafka_resp_err_t error, const std::string& tried,
                               const std::string& reason) const {
  auto code = code_of(error);
  if (code == status_code::ok && reason.empty()) return {};
  auto text = "Kafka, " + tried + ": " + (reason.empty() ? rd_kafka_err2str(error) : reason);
  if (code == status_code::unavailable || code == status_code::ok) {
    std::lock_guard lock(listener_->mutex);
    const auto& complaint = listener_->complaint;
    if (!complaint.empty()) text += " (last heard: " + complaint + ")";
    return {status_code::unavailable, std::move(text)};
  }
  return {code, std::move(text)};
}

status kafka_client::status_of(rd_kafka_error_t* error, const std::string& tried) const {
  if (error == nullptr) return {};
  auto told = status_of(rd_kafka_error_code(error), tried, rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return told;
}

kafka_figures kafka_client::figures() const {
  std::lock_guard lock(listener_->mutex);
  return listener_->figures;
}

// --------------------------------------------------------------------------------------- listening

// That nobody can be reached is for people; what else librdkafka complains of it deals with itself,
// or it comes back as a status.
void kafka_client::listener::complain(int level, std::string_view facility, std::string text) {
  bool warn = false;
  if (level <= syslog_warning) {
    warn = (facility == "FAIL" || facility == "ERROR") && is_time_to_warn();
    std::lock_guard lock(mutex);
    complaint = text;
  }
  log(warn ? log_level::warning : log_level::debug, "Kafka: " + text);
}

void kafka_client::on_log(const rd_kafka_t* client, int level, const char* facility,
                          const char* text) {
  auto* to = static_cast<listener*>(rd_kafka_opaque(client));
  if (to != nullptr) to->complain(level, facility, std::string(without_origin(text)));
}

void kafka_client::on_error(rd_kafka_t* /*client*/, int code, const char* reason, void* opaque) {
  auto* to = static_cast<listener*>(opaque);
  auto text = without_origin(reason);
  to->complain(syslog_warning, "ERROR", std::string(text));
  if (to->amiss) to->amiss(static_cast<rd_kafka_resp_err_t>(code), text);
}

int kafka_client::on_statistics(rd_kafka_t* /*client*/, char* json, std::size_t size,
                                void* opaque) {
  auto found = figures_of({json, size});
  std::lock_guard lock(static_cast<listener*>(opaque)->mutex);
  static_cast<listener*>(opaque)->figures = found;
  return 0;  // librdkafka frees it
}

void kafka_client::on_message(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                              void* opaque) {
  static_cast<listener*>(opaque)->delivered(*message);
}

}  // namespace perdure::pubsub
