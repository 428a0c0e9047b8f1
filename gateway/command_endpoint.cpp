// Command path: every call becomes a command here. Before: gateway/grpc_call.cpp,
// gateway/http_endpoint.cpp. Next: actors/entity_router.cpp.
//
// Everything a call must pass before it is anybody's command. Refusals are replied here and now, on
// the caller's thread.

#include "gateway/command_endpoint.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/entity_id.hpp"
#include "base/utf8.hpp"

namespace perdure::gateway {
namespace {

constexpr std::string_view idempotency_header = "idempotency-key";

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

status exhausted(std::string why) { return {status_code::resource_exhausted, std::move(why)}; }

std::string above(std::size_t size, std::size_t max) {
  return std::to_string(size) + " bytes, at most " + std::to_string(max) + " are allowed";
}

// What a transport says to its peer about itself; nothing a handler could use.
bool is_transport_header(std::string_view name) {
  static constexpr std::array<std::string_view, 13> names = {"accept-encoding",
                                                             "connection",
                                                             "content-length",
                                                             "content-type",
                                                             "expect",
                                                             "grpc-accept-encoding",
                                                             "grpc-timeout",
                                                             "grpc-encoding",
                                                             "host",
                                                             "keep-alive",
                                                             "te",
                                                             "trailer",
                                                             "transfer-encoding"};
  return name.starts_with(':') || std::ranges::find(names, name) != names.end();
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

}  // namespace

command_endpoint::command_endpoint(std::function<void(actors::command)> submit, const clock& clock,
                                   const limits& limits)
    : submit_(std::move(submit)), clock_(clock), limits_(limits) {}

void command_endpoint::submit(received_call c) const {
  auto refuse = [&](status why) { c.reply({std::move(why), {}}); };

  if (c.request_bytes > limits_.message_bytes_max) {
    return refuse(
        exhausted("the request has " + above(c.request_bytes, limits_.message_bytes_max)));
  }
  if (auto size = bytes_of(c.metadata); size > limits_.metadata_bytes_max) {
    return refuse(exhausted("the metadata have " + above(size, limits_.metadata_bytes_max)));
  }
  auto idempotency_key = idempotency_key_of(c.metadata, limits_);
  if (!idempotency_key) return refuse(idempotency_key.error());
  auto id = entity_id_of(*c.request, c.method->key_fields, limits_.entity_id_bytes_max);
  if (!id) return refuse(id.error());

  std::erase_if(c.metadata, [](const auto& entry) { return is_transport_header(entry.first); });
  if (c.deadline == timestamp::max()) c.deadline = clock_.now() + limits_.call_deadline;

  actors::command made;
  made.target = {c.method->entity_type, *std::move(id)};
  made.method = c.method->method;
  made.request = std::move(c.request);
  made.request_bytes = c.request_bytes;
  made.metadata = std::move(c.metadata);
  made.idempotency_key = *std::move(idempotency_key);
  made.deadline = c.deadline;
  made.cancelled = std::move(c.cancelled);
  made.reply = std::move(c.reply);
  submit_(std::move(made));
}

}  // namespace perdure::gateway
