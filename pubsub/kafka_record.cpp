// Records of Kafka as the port has them.

#include "pubsub/kafka_record.hpp"

#include <string>
#include <utility>

#include "base/ascii.hpp"

namespace perdure::pubsub {
namespace {

constexpr std::size_t fixed_bytes = 64;

std::string text_of(const void* bytes, std::size_t size) {
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

}  // namespace

topic_record record_of(const rd_kafka_message_t& message) {
  topic_record record;
  record.offset = topic_offset{static_cast<std::uint64_t>(message.offset)};
  auto kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  auto millis = rd_kafka_message_timestamp(&message, &kind);
  if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) {
    record.time = timestamp{std::chrono::milliseconds{millis}};
  }
  if (message.key != nullptr) record.key = text_of(message.key, message.key_len);
  if (message.payload != nullptr) record.payload = text_of(message.payload, message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* bytes = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &bytes, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers.emplace(lower_case(name), text_of(bytes, size));
  }
  return record;
}

std::size_t bytes_of(const topic_record& record) {
  auto bytes = fixed_bytes + (record.key ? record.key->size() : 0) +
               (record.payload ? record.payload->size() : 0);
  for (const auto& [name, text] : record.headers) bytes += name.size() + text.size() + fixed_bytes;
  return bytes;
}

}  // namespace perdure::pubsub
