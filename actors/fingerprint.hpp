#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

#include "actors/command.hpp"

namespace perdure::actors {

// A 64-bit fingerprint of a request's content: equal for equal messages, whether they came by gRPC
// or as JSON, in this process or a later one. XXH3 of the deterministic encoding.
std::uint64_t fingerprint_of(const google::protobuf::Message& request);

// The id of a command that goes by the mailbox and has an idempotency key: a retry with the same
// key has the same, and another request another one, so that nobody takes the outcome of one for
// that of the other.
std::string keyed_command_id(const command& c);

}  // namespace perdure::actors
