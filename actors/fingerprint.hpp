#pragma once

#include <google/protobuf/message.h>

#include <cstdint>

namespace perdure::actors {

// A 64-bit fingerprint of a request's content: equal for equal messages, whether they came by gRPC
// or as JSON, in this process or a later one. XXH3 of the deterministic encoding.
std::uint64_t fingerprint_of(const google::protobuf::Message& request);

}  // namespace perdure::actors
