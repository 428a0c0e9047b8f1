// Lifetime and bytes of a gRPC call. Used by gateway/grpc_call, grpc_health and grpc_reflection.

#include "gateway/grpc_reactor.hpp"

#include <grpcpp/support/proto_buffer_reader.h>

#include <utility>

#include "gateway/grpc_inflate.hpp"

namespace perdure::gateway {
namespace {

// A status travels in a header, percent-encoded, at worst three bytes for one; clients take 8 KiB
// of headers by default, and a longer text would cost them the code too.
constexpr std::size_t status_text_bytes_max = 2 << 10;

std::string clipped(const std::string& text) {
  if (text.size() <= status_text_bytes_max) return text;
  auto size = status_text_bytes_max;
  auto is_continuation = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  while (size > 0 && is_continuation(size)) --size;
  return text.substr(0, size) + "...";
}

}  // namespace

status parse(grpc::ByteBuffer& bytes, google::protobuf::Message& message, std::size_t bytes_max) {
  if (auto inflated = inflate(bytes, bytes_max); !inflated.ok()) return inflated;
  grpc::ProtoBufferReader reader(&bytes);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader) && reader.status().ok()) {
    return {};
  }
  return {status_code::invalid_argument, "the bytes that came are no " +
                                             message.GetDescriptor()->full_name() +
                                             ": malformed protobuf, or text that is not UTF-8"};
}

grpc::ByteBuffer to_buffer(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  grpc::Slice slice(
      owned->data(), owned->size(), [](void* text) { delete static_cast<std::string*>(text); },
      owned);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::Status to_grpc(const status& s) {
  if (s.ok()) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(s.code()), clipped(s.message())};
}

grpc::ServerGenericBidiReactor* grpc_reactor::begin() {
  self_ = shared_from_this();
  start();
  return this;
}

void grpc_reactor::read() {
  std::lock_guard lock(mutex_);
  if (!finished_) StartRead(&incoming_);
}

void grpc_reactor::write(grpc::ByteBuffer message) {
  std::lock_guard lock(mutex_);
  if (finished_) return;
  outgoing_.Swap(&message);
  StartWrite(&outgoing_);
}

bool grpc_reactor::finish_first(const status& why) {
  std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return false;
  Finish(to_grpc(why));
  return true;
}

void grpc_reactor::finish(grpc::ByteBuffer last_message) {
  std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  outgoing_.Swap(&last_message);
  StartWriteAndFinish(&outgoing_, {}, grpc::Status::OK);
}

bool grpc_reactor::is_finished() const {
  std::lock_guard lock(mutex_);
  return finished_;
}

void grpc_reactor::cut(const grpc::GenericCallbackServerContext& context) {
  std::lock_guard lock(mutex_);
  if (finished_ && !done_) context.TryCancel();
}

void grpc_reactor::OnCancel() { finish({status_code::cancelled, "the caller is gone"}); }

void grpc_reactor::OnDone() {
  // A reply still to come may keep this object past the server: what is gRPC's goes now.
  incoming_.Clear();
  outgoing_.Clear();
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  auto last = std::move(self_);
}

bool open_streams::enter(const std::shared_ptr<grpc_reactor>& stream) {
  std::lock_guard lock(mutex_);
  if (!ended_) streams_.insert(stream.get());
  return !ended_;
}

void open_streams::leave(grpc_reactor* stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

std::vector<std::shared_ptr<grpc_reactor>> open_streams::all() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<grpc_reactor>> found;
  for (auto* stream : streams_) found.push_back(stream->shared_from_this());
  return found;
}

std::vector<std::shared_ptr<grpc_reactor>> open_streams::end() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  return all();
}

}  // namespace perdure::gateway
