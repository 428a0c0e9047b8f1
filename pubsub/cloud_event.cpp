// Between records and CloudEvents, both ways. Nothing that others have written is trusted: what
// makes no sense in a header is as if it was not there; only a body that claims to be an event and
// is none is an error.

#include "pubsub/cloud_event.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"
#include "base/media_type.hpp"
#include "pubsub/rfc_3339.hpp"

namespace perdure::pubsub {
namespace {

constexpr std::string_view protobuf_type = "application/protobuf";
constexpr std::string_view structured_type = "application/cloudevents+json";
constexpr std::string_view type_of_deletion = "google.protobuf.Empty";

// Deeper JSON is refused: it is walked by recursion.
constexpr int json_depth_max = 100;

// ------------------------------------------------------------------------------------------ texts

// "type.googleapis.com/cart.domain.ItemAdded" -> "cart.domain.ItemAdded"
std::string_view message_name(std::string_view type) { return type.substr(type.rfind('/') + 1); }

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

// ------------------------------------------------------------------------------------- attributes

// The name of a CloudEvents attribute, of "ce-id" or "ce_id"; empty when it is none.
std::string_view attribute_name(std::string_view header) {
  bool is_one = header.starts_with("ce-") || header.starts_with("ce_");
  return is_one ? header.substr(3) : std::string_view{};
}

// The attributes are ours to say, whatever the user's metadata has under their names.
bool is_taken(std::string_view name) {
  return !attribute_name(name).empty() || name == "content-type" || name == "traceparent";
}

// False: it is none that we know.
bool set_attribute(cloud_event& event, std::string_view name, std::string_view text) {
  if (name == "id") {
    event.id = text;
  } else if (name == "source") {
    event.source = text;
  } else if (name == "type") {
    event.type = message_name(text);
  } else if (name == "subject") {
    event.subject = text;
  } else if (name == "time") {
    if (auto time = read_rfc_3339(text)) event.time = time;
  } else if (name == "sequence") {
    event.sequence = whole_number<std::uint64_t>(text);
  } else if (name == "datacontenttype") {
    event.content_type = media_type_of(text).essence;
  } else if (name == "traceparent") {
    event.trace_parent = text;
  } else {
    return name == "specversion";
  }
  return true;
}

// What only the record tells.
void complete(cloud_event& event, const topic_record& record) {
  if (event.subject.empty() && record.key) event.subject = *record.key;
  if (!event.time && record.time > timestamp{}) event.time = record.time;
}

cloud_event read_binary(topic_record& record) {
  cloud_event event;
  event.payload = std::exchange(record.payload, std::nullopt);
  for (const auto& [name, text] : record.headers) {
    auto attribute = attribute_name(name);
    if (name == "traceparent") {
      event.trace_parent = text;
    } else if (name == "content-type") {
      // The attribute of its own, if there is one, comes first in the order of names.
      if (event.content_type.empty()) event.content_type = media_type_of(text).essence;
    } else if (attribute.empty() || !set_attribute(event, attribute, text)) {
      event.metadata.emplace(name, text);
    }
  }
  complete(event, record);
  return event;
}

// ------------------------------------------------------------------------------- structured mode

status not_an_event(const topic_record& record, const std::string& why) {
  return {status_code::invalid_argument,
          "the record at offset " + std::to_string(value(record.offset)) +
              " says application/cloudevents+json but is no event in JSON: " + why};
}

bool is_too_deep(std::string_view json) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > json_depth_max) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

std::string_view text_of(const rapidjson::Value& json) {
  return {json.GetString(), json.GetStringLength()};
}

std::string written(const rapidjson::Value& json) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  json.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::optional<std::string> decoded_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  if (text.size() % 4 != 0) return {};
  while (text.ends_with('=') && text.size() % 4 != 2) text.remove_suffix(1);
  for (char c : text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto digit = digits.find(c);
    if (digit == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xff);
  }
  return bytes;
}

// The payload as it would stand in binary mode.
status set_data(cloud_event& event, const topic_record& record, const rapidjson::Value& json) {
  auto data = json.FindMember("data");
  auto base64 = json.FindMember("data_base64");
  bool has_data = data != json.MemberEnd() && !data->value.IsNull();
  bool has_base64 = base64 != json.MemberEnd() && !base64->value.IsNull();
  if (has_data && has_base64) return not_an_event(record, "it has both data and data_base64");
  if (has_base64) {
    auto bytes = base64->value.IsString() ? decoded_base64(text_of(base64->value)) : std::nullopt;
    if (!bytes) return not_an_event(record, "data_base64 is not base64");
    event.payload = std::move(bytes);
  } else if (has_data) {
    // Data that is JSON stands there as such; of other types only a text can.
    if (event.content_type.empty()) event.content_type = "application/json";
    bool is_text = data->value.IsString() && !media_type_of(event.content_type).is_json();
    event.payload = is_text ? std::string(text_of(data->value)) : written(data->value);
  } else {
    event.payload.emplace();
  }
  return {};
}

result<cloud_event> read_structured(const topic_record& record) {
  if (is_too_deep(*record.payload)) {
    return not_an_event(record, "it is nested deeper than " + std::to_string(json_depth_max));
  }
  rapidjson::Document json;
  json.Parse<rapidjson::kParseFullPrecisionFlag>(record.payload->data(), record.payload->size());
  if (json.HasParseError()) {
    return not_an_event(record, std::string(rapidjson::GetParseError_En(json.GetParseError())) +
                                    " (at byte " + std::to_string(json.GetErrorOffset()) + ")");
  }
  if (!json.IsObject()) return not_an_event(record, "it is no object");
  cloud_event event;
  for (const auto& [name_json, json_value] : json.GetObject()) {
    auto name = text_of(name_json);
    if (name == "data" || name == "data_base64" || json_value.IsNull()) continue;
    auto text = json_value.IsString() ? std::string(text_of(json_value)) : written(json_value);
    if (!set_attribute(event, name, text)) event.metadata.emplace(lower_case(name), text);
  }
  if (event.id.empty() || event.type.empty()) {
    return not_an_event(record, "it has no id or no type");
  }
  for (const auto& [name, text] : record.headers) {
    if (name == "content-type" || !attribute_name(name).empty()) continue;
    if (name == "traceparent") {
      if (event.trace_parent.empty()) event.trace_parent = text;
    } else {
      event.metadata.emplace(name, text);
    }
  }
  if (auto taken = set_data(event, record, json); !taken.ok()) return taken;
  complete(event, record);
  return event;
}

// --------------------------------------------------------------------------------------- messages

persistence::new_message message_of(const std::string& topic, const std::string& source,
                                    const entity_key& entity, sequence_nr sequence,
                                    const std::string& event_type) {
  bool is_deletion = event_type.empty();
  return {.topic = topic,
          .key = entity.id,
          .id = to_string(entity) + "/" + std::to_string(value(sequence)),
          .source = source,
          .type = is_deletion ? std::string(type_of_deletion) : event_type,
          .content_type = std::string(protobuf_type),
          .sequence = sequence,
          .payload = std::nullopt,
          .trace_parent = {},
          .metadata = {}};
}

// But for the payload.
cloud_event attributes_of(persistence::stored_message& m, std::string content_type) {
  auto& message = m.message;
  std::erase_if(message.metadata, [](const auto& entry) { return is_taken(entry.first); });
  cloud_event event;
  event.id = std::move(message.id);
  event.source = std::move(message.source);
  event.type = std::move(message.type);
  event.subject = message.key;
  event.content_type = std::move(content_type);
  if (message.sequence) event.sequence = value(*message.sequence);
  event.time = m.time;
  event.trace_parent = std::move(message.trace_parent);
  event.metadata = std::move(message.metadata);
  return event;
}

}  // namespace

result<cloud_event> read_cloud_event(topic_record&& record) {
  if (record.attributes) {
    auto event = *std::exchange(record.attributes, std::nullopt);
    event.payload = std::exchange(record.payload, std::nullopt);
    return event;
  }
  auto content_type = record.headers.find("content-type");
  bool is_structured = content_type != record.headers.end() &&
                       media_type_of(content_type->second).essence == structured_type &&
                       record.payload;
  if (is_structured) return read_structured(record);
  return read_binary(record);
}

result<cloud_event> read_cloud_event(const topic_record& record) {
  return read_cloud_event(topic_record(record));
}

topic_record as_written(topic_record record, const cloud_event& event) {
  if (!record.payload) record.payload = event.payload;
  bool is_ours = record.headers.empty() && !event.id.empty();
  if (!is_ours) return record;
  for (auto& [name, text] : headers_of(message_of(event, {}, record.offset))) {
    record.headers.emplace(std::move(name), std::move(text));
  }
  return record;
}

std::vector<std::pair<std::string, std::string>> headers_of(const persistence::stored_message& m) {
  const auto& message = m.message;
  std::vector<std::pair<std::string, std::string>> headers;
  headers.reserve(10 + message.metadata.size());
  auto add = [&](const char* name, std::string text) {
    if (!text.empty()) headers.emplace_back(name, std::move(text));
  };
  auto content_type =
      message.content_type.empty() ? std::string(protobuf_type) : message.content_type;
  add("ce-specversion", "1.0");
  add("ce-id", message.id);
  add("ce-source", message.source);
  add("ce-type", message.type);
  add("ce-subject", message.key);
  add("ce-time", rfc_3339(m.time));
  if (message.sequence) add("ce-sequence", std::to_string(value(*message.sequence)));
  add("ce-datacontenttype", content_type);
  add("content-type", content_type);
  add("traceparent", message.trace_parent);
  for (const auto& [name, text] : message.metadata) {
    if (!is_taken(name)) headers.emplace_back(name, text);
  }
  return headers;
}

topic_record record_of(persistence::stored_message m) {
  auto& message = m.message;
  topic_record record;
  record.offset = m.offset;
  record.time = m.time;
  bool is_protobuf = message.content_type.empty() || message.content_type == protobuf_type;
  auto content_type =
      is_protobuf ? std::string(protobuf_type) : media_type_of(message.content_type).essence;
  if (content_type == structured_type) {
    // What it says of itself stands in the payload.
    for (auto& [name, text] : headers_of(m)) record.headers.emplace(name, std::move(text));
  } else {
    record.attributes = attributes_of(m, std::move(content_type));
  }
  if (!message.key.empty()) record.key = std::move(message.key);
  record.payload = std::move(message.payload);
  return record;
}

topic_record record_of(persistence::stored_event event, const std::string& source) {
  persistence::stored_message m;
  m.message = message_of({}, source, event.entity, event.sequence, event.type);
  m.offset = topic_offset{value(event.offset)};
  m.time = event.time.wall();
  m.message.trace_parent = std::move(event.trace_parent);
  m.message.metadata = std::move(event.metadata);
  if (!event.is_deletion()) m.message.payload = std::move(event.payload);
  return record_of(std::move(m));
}

persistence::new_message message_of(const std::string& topic, const std::string& source,
                                    const entity_key& entity, sequence_nr sequence,
                                    const persistence::new_event& event,
                                    const std::string& trace_parent) {
  auto m = message_of(topic, source, entity, sequence, event.type);
  m.trace_parent = trace_parent;
  m.metadata = event.metadata;
  if (!event.is_deletion()) m.payload = event.payload;
  return m;
}

persistence::stored_message message_of(const cloud_event& event, const std::string& topic,
                                       topic_offset offset) {
  persistence::stored_message stored;
  auto& message = stored.message;
  message.topic = topic;
  message.key = event.subject;
  message.id = event.id;
  message.source = event.source;
  message.type = event.type;
  message.content_type = event.content_type;
  if (event.sequence) message.sequence = sequence_nr{*event.sequence};
  message.payload = event.payload;
  message.trace_parent = event.trace_parent;
  message.metadata = event.metadata;
  stored.offset = offset;
  stored.time = event.time.value_or(timestamp{});
  return stored;
}

std::string subject_of(const cloud_event& event) {
  if (!event.sequence || event.source.empty() || event.subject.empty()) return {};
  // Two types of entities of a service may have the same ids: ours say their type in ce-id.
  std::string_view type;
  auto rest = "/" + event.subject + "/" + std::to_string(*event.sequence);
  if (event.id.size() > rest.size() && event.id.ends_with(rest)) {
    type = std::string_view(event.id).substr(0, event.id.size() - rest.size());
  }
  return std::to_string(event.source.size()) + ":" + event.source + std::to_string(type.size()) +
         ":" + std::string(type) + event.subject;
}

}  // namespace perdure::pubsub
