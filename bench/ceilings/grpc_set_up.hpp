#pragma once

#include <absl/synchronization/mutex.h>
#include <grpcpp/server_builder.h>

namespace perdure::bench {

// What makes gRPC quicker in Perdure's own server (gateway/grpc_server.cpp), for the bare ones too:
// a ceiling without it would be too low. The allocator is the same as well.
inline void set_up_as_ours(grpc::ServerBuilder& builder) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

}  // namespace perdure::bench
