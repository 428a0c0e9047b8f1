// An action's effect in the form in which it is stored: mail, timers, and the message that its
// reply is to a topic. Before: actors/handler_run.cpp. Next: actors/action_commands.cpp or, for a
// message of a subscription, pubsub/subscription.cpp.

#include "actors/action_decision.hpp"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <utility>

#include "actors/effect_parts.hpp"
#include "actors/user_code_guard.hpp"
#include "base/media_type.hpp"
#include "base/uuid.hpp"

namespace perdure::actors {
namespace {

using google::protobuf::BytesValue;
using google::protobuf::Message;
using google::protobuf::StringValue;
using persistence::new_message;

constexpr std::string_view content_type_name = "ce-datacontenttype";
constexpr std::string_view attribute_prefix = "ce-";

status check_size(std::size_t bytes, const limits& bounds) {
  if (bytes <= bounds.message_bytes_max) return {};
  return {status_code::resource_exhausted,
          "the reply has " + std::to_string(bytes) + " bytes, at most " +
              std::to_string(bounds.message_bytes_max) + " are allowed"};
}

// The user's metadata become the message's, but for the content type, which is an attribute.
status take_metadata(perdure::metadata beside, new_message& m) {
  for (auto& [name, value] : beside) {
    if (name == content_type_name) {
      m.content_type = std::move(value);
    } else if (name.starts_with(attribute_prefix)) {
      return {status_code::invalid_argument,
              "metadata \"" + name +
                  "\" cannot be set: names that begin with \"ce-\" are attributes that the runtime "
                  "writes; only ce-datacontenttype is open, and with_subject() sets the subject"};
    } else {
      m.metadata.emplace(name, std::move(value));
    }
  }
  return {};
}

// JSON where the handler says so; text and bytes without a message around them, as others write
// them, unless it says protobuf; else protobuf.
result<std::string> payload_of(const Message& reply, std::string& content_type) {
  auto chosen = media_type_of(content_type);
  if (chosen.is_json()) {
    std::string json;
    auto done = google::protobuf::util::MessageToJsonString(reply, &json);
    if (!done.ok()) return status(status_code::internal, std::string(done.message()));
    return json;
  }
  bool is_open = content_type.empty();
  if (reply.GetDescriptor() == StringValue::descriptor() && (is_open || chosen.is_text())) {
    if (is_open) content_type = "text/plain; charset=utf-8";
    if (!chosen.charset.empty() && chosen.charset != "utf-8") {
      return status(status_code::invalid_argument,
                    "texts are published in UTF-8, not in \"" + chosen.charset + "\"");
    }
    return static_cast<const StringValue&>(reply).value();
  }
  if (reply.GetDescriptor() == BytesValue::descriptor() && !chosen.is_protobuf()) {
    if (is_open) content_type = "application/octet-stream";
    return static_cast<const BytesValue&>(reply).value();
  }
  return readable_bytes(reply);
}

result<new_message> published(const action_author& author, const std::string& topic,
                              const Message& reply, perdure::metadata beside,
                              const std::optional<std::string>& subject) {
  new_message m;
  m.topic = topic;
  m.key = subject.value_or(author.context.subject());
  m.id = author.identity.empty() ? random_uuid() : author.identity + "#out";
  m.source = author.type.model().service_name;
  m.type = reply.GetDescriptor()->full_name();
  m.trace_parent = author.trace_parent;
  if (auto s = take_metadata(std::move(beside), m); !s.ok()) return s;
  auto payload = payload_of(reply, m.content_type);
  if (!payload) {
    return user_code_failed(author.type.name(), "publishing", m.type, payload.error().message());
  }
  if (auto s = check_size(payload->size(), author.env.limits); !s.ok()) return s;
  m.payload = *std::move(payload);
  return m;
}

}  // namespace

perdure::metadata forwarded(const action_type& type, const action_context& context) {
  perdure::metadata all;
  for (const auto& name : type.forwarded_headers()) {
    auto [first, last] = context.metadata().equal_range(name);
    all.insert(first, last);
  }
  return all;
}

result<decided_action> decide(const action_author& author, any_action_effect effect) {
  decided_action decided;
  // What one effect sends to an action is in order, at least, and waits for nothing else.
  bool is_nobodys = author.order.empty() && !effect.changes_nothing();
  auto sender = is_nobodys ? random_uuid() : author.order;
  mail_writer writer(
      {author.directory, author.env, sender, author.trace_parent,
       effect.changes_nothing() ? perdure::metadata() : forwarded(author.type, author.context)});
  for (const auto& call : effect.sends) {
    auto sent = writer.send(call, decided.mail, decided.awaited);
    if (!sent.ok()) return sent;
  }
  for (const auto& timer : effect.timers) {
    if (auto set = writer.change(timer, decided.timers); !set.ok()) return set;
  }
  auto* reply = std::get_if<std::unique_ptr<Message>>(&effect.reply);
  if (reply == nullptr) return decided;
  decided.reply = std::move(*reply);
  if (auto s = check_size(decided.reply->ByteSizeLong(), author.env.limits); !s.ok()) return s;
  const auto& topic = author.type.methods()[author.method].out_topic;
  if (topic.empty()) return decided;
  auto message = published(author, topic, *decided.reply, std::move(effect.beside), effect.subject);
  if (!message) return message.error();
  decided.messages.push_back(*std::move(message));
  return decided;
}

}  // namespace perdure::actors
