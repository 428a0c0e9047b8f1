// Command path, the way back over gRPC: replies are counted for as long as they take memory. gRPC
// says when that is by destroying the slice, whether the caller has read it or is gone.

#include "gateway/grpc_unsent.hpp"

#include <utility>

namespace perdure::gateway {
namespace {

struct counted_reply {
  std::string bytes;
  std::shared_ptr<std::atomic<std::size_t>> counter;

  ~counted_reply() { *counter -= bytes.size(); }
};

}  // namespace

unsent_replies::unsent_replies(std::size_t bytes_max)
    : bytes_max_(bytes_max), bytes_(std::make_shared<std::atomic<std::size_t>>(0)) {}

status unsent_replies::check_room() const {
  if (*bytes_ <= bytes_max_) return {};
  return {status_code::resource_exhausted,
          "replies that clients do not read fill the memory; read them or retry later"};
}

result<grpc::ByteBuffer> unsent_replies::hold(std::string reply) const {
  auto size = reply.size();
  if (auto all = *bytes_ += size; all / 2 > bytes_max_) {
    *bytes_ -= size;
    return status(status_code::resource_exhausted,
                  "the command is done, but replies that clients do not read fill the memory and "
                  "its own is dropped; ask again with the same idempotency-key to get it");
  }
  auto* held = new counted_reply{std::move(reply), bytes_};
  grpc::Slice slice(
      held->bytes.data(), size, [](void* done) { delete static_cast<counted_reply*>(done); }, held);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace perdure::gateway
