// Command path: every call becomes a command here, or a stream. Before: gateway/grpc_call.cpp,
// gateway/grpc_stream_call.cpp, gateway/http_endpoint.cpp. Next: actors/entity_router.cpp.
//
// Everything a call must pass before it is anybody's command, and how the command is to reach its
// entity.

#include "gateway/command_endpoint.hpp"

#include <utility>

#include "actors/action_type.hpp"
#include "actors/fingerprint.hpp"
#include "base/entity_id.hpp"
#include "base/kept_back.hpp"
#include "base/log_position.hpp"
#include "base/utf8.hpp"
#include "base/uuid.hpp"
#include "views/live_queries.hpp"

namespace perdure::gateway {
namespace {

constexpr std::string_view idempotency_header = "idempotency-key";
constexpr std::string_view send_header = "perdure-send";

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

status exhausted(std::string why) { return {status_code::resource_exhausted, std::move(why)}; }

std::string above(std::size_t size, std::size_t max) {
  return std::to_string(size) + " bytes, at most " + std::to_string(max) + " are allowed";
}

std::size_t bytes_of(const perdure::metadata& entries) {
  std::size_t sum = 0;
  for (const auto& [name, value] : entries) sum += name.size() + value.size();
  return sum;
}

// The caller's idempotency key; empty when it sent none.
result<std::string> idempotency_key_of(const perdure::metadata& entries, const limits& bounds) {
  auto [first, last] = entries.equal_range(idempotency_header);
  if (first == last) return std::string();
  if (std::next(first) != last) {
    return invalid("idempotency-key is there more than once: send one per call");
  }
  const auto& key = first->second;
  if (key.empty()) {
    return invalid("idempotency-key is empty: send a text unique to this command, or none");
  }
  if (key.size() > bounds.idempotency_key_bytes_max) {
    return invalid("idempotency-key has " + above(key.size(), bounds.idempotency_key_bytes_max));
  }
  if (!is_utf8(key)) return invalid("idempotency-key must be UTF-8");
  return key;
}

// Whether the caller wants to know only that its command will be handled.
result<bool> is_sent(const received_call& c) {
  auto [first, last] = c.metadata.equal_range(send_header);
  if (first == last) return c.prefers_sending;
  if (std::next(first) == last && first->second == "true") return true;
  if (std::next(first) == last && first->second == "false") return false;
  return invalid("perdure-send must be \"true\" or \"false\", once per call, got \"" +
                 first->second.substr(0, 100) + (std::next(first) == last ? "\"" : "\" and more"));
}

// What all calls must be.
status check_sizes(const received_call& c, const limits& bounds) {
  if (c.request_bytes > bounds.message_bytes_max) {
    return exhausted("the request has " + above(c.request_bytes, bounds.message_bytes_max));
  }
  if (auto size = bytes_of(c.metadata); size > bounds.metadata_bytes_max) {
    return exhausted("the metadata have " + above(size, bounds.metadata_bytes_max));
  }
  return {};
}

// What of the metadata is for who answers: of what is between callers and us, handlers see nothing,
// queries of views where their caller has been.
perdure::metadata for_answerer(perdure::metadata all, const served_method& method) {
  std::erase_if(all, [&](const auto& entry) {
    bool is_for_view = entry.first == position_header || entry.first == views::resume_header;
    return is_kept_back(entry.first) && !(method.is_of_view() && is_for_view);
  });
  return all;
}

// A retry with the same key is for the same entity.
std::string generated_id(const served_method& method, const std::string& idempotency_key) {
  if (idempotency_key.empty()) return random_uuid();
  return uuid_of({"entity", method.method->full_name(), idempotency_key});
}

std::string command_id_of(const actors::command& c) {
  return c.idempotency_key.empty() ? random_uuid() : actors::keyed_command_id(c);
}

}  // namespace

command_endpoint::command_endpoint(destinations where, const clock& clock, const limits& limits)
    : where_(std::move(where)),
      clock_(clock),
      limits_(limits),
      streams_(std::make_shared<std::atomic<std::size_t>>(0)) {}

result<actors::command> command_endpoint::command_of(received_call c) const {
  if (auto s = check_sizes(c, limits_); !s.ok()) return s;
  auto idempotency_key = idempotency_key_of(c.metadata, limits_);
  if (!idempotency_key) return idempotency_key.error();
  auto sent = is_sent(c);
  if (!sent) return sent.error();

  if (c.deadline == timestamp::max()) c.deadline = clock_.now() + limits_.call_deadline;

  actors::command made;
  made.method = c.method->method;
  made.request = std::move(c.request);
  made.request_bytes = c.request_bytes;
  made.metadata = for_answerer(std::move(c.metadata), *c.method);
  made.idempotency_key = *std::move(idempotency_key);
  made.deadline = c.deadline;
  made.cancelled = std::move(c.cancelled);
  if (c.method->is_of_runtime() || c.method->is_of_view()) return made;

  made.target.type = c.method->target_type;
  if (c.method->is_of_action()) {
    made.target.id = actors::no_id;
  } else if (c.method->key_fields.empty()) {
    made.target.id = generated_id(*c.method, made.idempotency_key);
  } else {
    auto id = entity_id_of(*made.request, c.method->key_fields, limits_.entity_id_bytes_max);
    if (!id) return id.error();
    made.target.id = *std::move(id);
  }
  if (*sent || c.method->durable_mailbox) {
    made.way = *sent ? actors::delivery::sent : actors::delivery::mailbox;
    made.command_id = command_id_of(made);
  }
  return made;
}

void command_endpoint::submit(actors::command&& c) const {
  const auto& to = c.target.type.empty() ? where_.own : where_.submit;
  to(std::move(c));
}

result<command_endpoint::stream_place> command_endpoint::enter_stream() const {
  if (++*streams_ <= limits_.streams_max) {
    return stream_place(streams_.get(), [streams = streams_](void*) { --*streams; });
  }
  --*streams_;
  return exhausted("all " + std::to_string(limits_.streams_max) +
                   " streams that may be open at a time are: try again later");
}

result<actors::stream_request> command_endpoint::stream_of(received_call c) const {
  if (auto s = check_sizes(c, limits_); !s.ok()) return s;
  c.prefers_sending = false;
  auto sent = is_sent(c);
  if (!sent) return sent.error();
  if (*sent) {
    return invalid(
        "perdure-send is for rpcs that do not stream: nothing of a stream waits in a mailbox");
  }
  return actors::stream_request{c.method->method, std::move(c.request),
                                for_answerer(std::move(c.metadata), *c.method), c.deadline};
}

std::shared_ptr<actors::action_stream> command_endpoint::open(
    actors::stream_request what, std::shared_ptr<actors::stream_caller> caller) const {
  return where_.open_stream(std::move(what), std::move(caller));
}

}  // namespace perdure::gateway
