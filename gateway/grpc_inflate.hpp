#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>

#include "perdure/status.hpp"

namespace perdure::gateway {

// Replaces a compressed message (gzip or deflate, as gRPC calls them) by its content; leaves any
// other as it is. gRPC's own way unpacks first and looks at the size after: 4 MiB that came would
// become 4 GiB of memory.
//   RESOURCE_EXHAUSTED  the content has more than `bytes_max`; no more than that was unpacked
//   INVALID_ARGUMENT    it is not what its compression says
status inflate(grpc::ByteBuffer& message, std::size_t bytes_max);

}  // namespace perdure::gateway
