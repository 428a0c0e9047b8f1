// From what subscriptions and stores say to what admin.proto says. Foreign writers put any bytes
// anywhere, and a string of protobuf must be UTF-8.

#include "apps/runtime/admin_messages.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/media_type.hpp"
#include "base/utf8.hpp"
#include "gateway/http_json.hpp"
#include "pubsub/cloud_event.hpp"

namespace perdure::runtime {
namespace {

namespace pb = google::protobuf;

// A payload beyond it is shown as bytes only: it would be there twice.
constexpr std::size_t json_bytes_max = 1 << 20;

constexpr std::string_view hex_mark = "hex:";

// Nothing where no Timestamp can say it: a foreign record may claim to be of any time.
std::optional<pb::Timestamp> time_of(timestamp when) {
  using pb::util::TimeUtil;
  auto since = when.time_since_epoch();
  auto seconds = std::chrono::floor<std::chrono::seconds>(since).count();
  if (seconds < TimeUtil::kTimestampMinSeconds || seconds > TimeUtil::kTimestampMaxSeconds) {
    return {};
  }
  return TimeUtil::MillisecondsToTimestamp(since.count());
}

// The compiled message of this name; null when there is none.
const pb::Message* prototype_of(const std::string& type) {
  auto name = type.substr(type.rfind('/') + 1);
  const auto* found = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  return found ? pb::MessageFactory::generated_factory()->GetPrototype(found) : nullptr;
}

std::string json_of(const pb::Message* prototype, const std::string& encoded) {
  if (!prototype || encoded.size() > json_bytes_max) return {};
  auto json = gateway::to_json(*prototype, encoded);
  return json.ok() ? *json : std::string();
}

std::string payload_json(const std::string& type, const std::string& content_type,
                         const std::optional<std::string>& payload) {
  if (!payload || payload->size() > json_bytes_max) return {};
  auto media = media_type_of(content_type);
  if (media.is_json()) return is_utf8(*payload) ? *payload : std::string();
  if (media.is_text()) return gateway::json_quoted(*payload);
  bool is_protobuf = media.essence.empty() || media.is_protobuf();
  return is_protobuf ? json_of_type(type, *payload) : std::string();
}

// "topic flights", of "topic/flights": as its partitions are named.
std::string described(std::string path) {
  if (auto at = path.find('/'); at != std::string::npos) path[at] = ' ';
  return path;
}

}  // namespace

std::string shown_key(const std::string& key) {
  if (is_utf8(key)) return key;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(hex_mark);
  for (unsigned char c : key) {
    text += digits[c >> 4];
    text += digits[c & 15];
  }
  return text;
}

// What would be shown as it is, is taken as it is: so a key that only looks like hex is found too.
std::string key_shown_as(const std::string& text) {
  if (!text.starts_with(hex_mark) || text.size() % 2 != 0) return text;
  std::string bytes;
  for (const char* at = text.data() + hex_mark.size(); at != text.data() + text.size(); at += 2) {
    unsigned byte = 0;
    auto [end, error] = std::from_chars(at, at + 2, byte, 16);
    if (error != std::errc{} || end != at + 2) return text;
    bytes += static_cast<char>(byte);
  }
  return shown_key(bytes) == text ? bytes : text;
}

admin::v1::Subscription shown(const pubsub::subscription_status& now) {
  admin::v1::Subscription made;
  made.set_name(now.name);
  made.set_source(readable(now.source));
  made.set_paused(now.is_paused);
  made.set_lag(static_cast<std::int64_t>(now.lag));
  made.set_handled(static_cast<std::int64_t>(now.handled));
  made.set_retrying(static_cast<std::int64_t>(now.retrying));
  made.set_parked(static_cast<std::int64_t>(now.parked));
  made.set_held(static_cast<std::int64_t>(now.held));
  made.set_problem(readable(now.problem));
  for (const auto& one : now.partitions) {
    auto& partition = *made.add_partitions();
    partition.set_partition(static_cast<std::int32_t>(one.partition));
    partition.set_next(static_cast<std::int64_t>(value(one.next)));
    partition.set_end(static_cast<std::int64_t>(value(one.end)));
  }
  return made;
}

admin::v1::HeldMessage shown(const persistence::stored_held_message& held) {
  const auto& [place, what] = held;
  const auto& message = what.what.message;
  admin::v1::HeldMessage made;
  made.set_key(shown_key(place.key));
  made.set_number(place.number);
  made.set_parked(what.retry_at == timestamp::max());
  made.set_attempts(static_cast<std::int32_t>(what.attempts));
  made.set_error(readable(what.error));
  if (what.attempts > 0) {
    if (auto failed = time_of(what.failed_at)) *made.mutable_failed_at() = *failed;
    auto retry = time_of(what.retry_at);
    if (retry && !made.parked()) *made.mutable_retry_at() = *retry;
  }
  made.set_topic(readable(message.topic));
  made.set_partition(static_cast<std::int32_t>(what.partition));
  made.set_offset(static_cast<std::int64_t>(value(what.what.offset)));
  made.set_type(readable(message.type));
  made.set_content_type(readable(message.content_type));
  made.set_payload_json(payload_json(message.type, message.content_type, message.payload));
  made.set_payload(message.payload.value_or(std::string()));
  for (auto& [name, text] : pubsub::headers_of(what.what)) {
    // What is published needs a type; of what came without one, none is shown.
    bool is_type = name == "content-type" || name == "ce-datacontenttype";
    if (is_type && message.content_type.empty()) continue;
    (*made.mutable_headers())[readable(std::move(name))] = readable(std::move(text));
  }
  if (auto time = time_of(what.what.time)) *made.mutable_time() = *time;
  return made;
}

std::string json_of_type(const std::string& type, const std::string& encoded) {
  return json_of(prototype_of(type), encoded);
}

std::string json_of_request(const std::string& method, const std::string& encoded) {
  const auto* found = pb::DescriptorPool::generated_pool()->FindMethodByName(method);
  if (!found) return {};
  return json_of(pb::MessageFactory::generated_factory()->GetPrototype(found->input_type()),
                 encoded);
}

admin::v1::View shown(const views::view_status& now) {
  admin::v1::View made;
  const auto& serving = now.serving;
  made.set_service(now.service);
  for (const auto& one : serving.partitions) {
    auto& partition = *made.add_partitions();
    partition.set_source(readable(one.source));
    partition.set_partition(static_cast<std::int32_t>(one.partition));
    partition.set_next(static_cast<std::int64_t>(value(one.next)));
    partition.set_end(static_cast<std::int64_t>(value(one.end)));
  }
  made.set_lag(static_cast<std::int64_t>(serving.lag));
  made.set_handled(static_cast<std::int64_t>(serving.handled));
  made.set_retrying(static_cast<std::int64_t>(serving.retrying));
  made.set_parked(static_cast<std::int64_t>(serving.parked));
  made.set_held(static_cast<std::int64_t>(serving.held));
  made.set_problem(readable(serving.problem));
  made.set_complete(serving.is_complete);
  made.set_serves_old_definition(now.serves_old_definition);
  if (now.next) {
    const auto& progress = now.next->progress;
    auto& building = *made.mutable_building();
    building.set_messages(static_cast<std::int64_t>(now.next->messages));
    building.set_lag(static_cast<std::int64_t>(progress.lag));
    building.set_held(static_cast<std::int64_t>(progress.held));
    building.set_problem(readable(progress.problem));
  }
  return made;
}

admin::v1::HeldByView shown(const views::held_message& held) {
  const auto& record = held.record;
  admin::v1::HeldByView made;
  made.set_source(readable(described(held.source)));
  made.set_subject(shown_key(held.subject));
  made.set_number(held.number);
  made.set_parked(held.is_parked);
  made.set_attempts(static_cast<std::int32_t>(held.attempts));
  made.set_error(readable(held.error));
  made.set_partition(static_cast<std::int32_t>(held.partition));
  made.set_offset(static_cast<std::int64_t>(value(record.offset)));
  if (auto event = pubsub::read_cloud_event(record); event.ok()) {
    made.set_type(readable(event->type));
    made.set_content_type(readable(event->content_type));
    made.set_payload_json(payload_json(event->type, event->content_type, event->payload));
  }
  made.set_payload(record.payload.value_or(std::string()));
  for (const auto& [name, text] : record.headers) {
    (*made.mutable_headers())[readable(name)] = readable(text);
  }
  if (auto time = time_of(record.time)) *made.mutable_time() = *time;
  return made;
}

}  // namespace perdure::runtime
