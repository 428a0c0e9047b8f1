// What a message of a topic or an entity is to a service. A type that is named decides; where
// none is, the content type does, and nothing is guessed from the payload's bytes.

#include "pubsub/message_takers.hpp"

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "base/media_type.hpp"
#include "base/utf8.hpp"

namespace perdure::pubsub {
namespace {

using google::protobuf::BytesValue;
using google::protobuf::Descriptor;
using google::protobuf::Empty;
using google::protobuf::Message;
using google::protobuf::StringValue;
using taker = message_takers::taker;

const Descriptor* type_of(const taker& t) { return t.descriptor->input_type(); }

// The only rpc that takes messages of a type of their own; null where there are several.
const taker* only_typed(const message_takers& takers) {
  const taker* found = nullptr;
  for (const auto& t : takers.all) {
    const auto* type = type_of(t);
    if (t.handles_deletes || type == StringValue::descriptor() || type == BytesValue::descriptor())
      continue;
    if (found != nullptr) return nullptr;
    found = &t;
  }
  return found;
}

const taker* with_type(const message_takers& takers, const std::string& full_name) {
  for (const auto& t : takers.all) {
    if (!t.handles_deletes && type_of(t)->full_name() == full_name) return &t;
  }
  return nullptr;
}

const taker* taker_of(const message_takers& takers, const cloud_event& event) {
  if (const auto* named = with_type(takers, event.type)) return named;
  auto content = media_type_of(event.content_type);
  if (content.is_json() || content.is_protobuf()) {
    return event.type.empty() ? only_typed(takers) : nullptr;
  }
  const auto& plain = content.is_text() ? *StringValue::descriptor() : *BytesValue::descriptor();
  return with_type(takers, plain.full_name());
}

std::string described(const cloud_event& event) {
  auto text = event.type.empty() ? std::string("without a type (ce-type)")
                                 : "of type \"" + event.type + "\"";
  return text + (event.content_type.empty() ? std::string(" or a content type")
                                            : " with content type " + event.content_type);
}

status undecodable(const cloud_event& event, const Descriptor& type, const std::string& why) {
  return {status_code::invalid_argument,
          "a message " + described(event) + " is no valid " + type.full_name() + ": " + why};
}

// Types of which JSON has come with fields that they have not.
class outgrown_types {
 public:
  bool contains(const Descriptor& type) {
    std::lock_guard lock(mutex_);
    return all_.contains(&type);
  }
  // False: it is there already.
  bool add(const Descriptor& type) {
    std::lock_guard lock(mutex_);
    return all_.insert(&type).second;
  }

 private:
  std::mutex mutex_;
  std::set<const Descriptor*> all_;
};

status read_json(const cloud_event& event, Message& request) {
  using google::protobuf::util::JsonStringToMessage;
  static outgrown_types outgrown;
  const auto& type = *request.GetDescriptor();
  google::protobuf::util::JsonParseOptions options;
  // As the binary form has it: who writes may know more than we do.
  options.ignore_unknown_fields = outgrown.contains(type);
  auto parsed = JsonStringToMessage(*event.payload, &request, options);
  if (!parsed.ok() && !options.ignore_unknown_fields) {
    auto problem = std::string(parsed.message());
    options.ignore_unknown_fields = true;
    request.Clear();
    parsed = JsonStringToMessage(*event.payload, &request, options);
    // It may be a field that was misspelt.
    if (parsed.ok() && outgrown.add(type)) {
      log_warning("a message " + described(event) + " has more fields than " + type.full_name() +
                  ", which are left out: " + problem + " Further ones are not told of");
    }
  }
  return parsed.ok() ? status() : undecodable(event, type, parsed.ToString());
}

status read_payload(const cloud_event& event, Message& request) {
  const auto& payload = *event.payload;
  const auto* type = request.GetDescriptor();
  auto content = media_type_of(event.content_type);
  if (content.is_json()) return read_json(event, request);
  if (type == StringValue::descriptor() && content.is_text()) {
    if (!is_utf8(payload)) return undecodable(event, *type, "it is not UTF-8");
    static_cast<StringValue&>(request).set_value(payload);
    return {};
  }
  if (type == BytesValue::descriptor() && !content.is_protobuf()) {
    static_cast<BytesValue&>(request).set_value(payload);
    return {};
  }
  if (request.ParseFromString(payload)) return {};
  return undecodable(event, *type, "its bytes cannot be read as protobuf");
}

}  // namespace

result<taken_message> take(const message_takers& takers, const cloud_event& event) {
  if (!event.payload) {
    auto by = std::ranges::find_if(takers.all, &taker::handles_deletes);
    if (by == takers.all.end() || by->ignores) return taken_message{};
    return taken_message{&*by, std::make_unique<Empty>()};
  }
  const auto* by = taker_of(takers, event);
  if (by == nullptr) {
    if (takers.ignores_unknown) return taken_message{};
    return status(status_code::unimplemented, "no rpc takes a message " + described(event) +
                                                  " from " + takers.source.description() +
                                                  "; add one, or write ignore_unknown: true");
  }
  if (by->ignores) return taken_message{};
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  std::unique_ptr<Message> request(factory->GetPrototype(type_of(*by))->New());
  if (auto read = read_payload(event, *request); !read.ok()) return read;
  return taken_message{by, std::move(request)};
}

}  // namespace perdure::pubsub
