// Lifetime and bytes of a gRPC call. Used by gateway/grpc_call,
// grpc_stream_call, grpc_health and grpc_reflection.

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

void grpc_stream::end_event::happened(bool) { reactor->ended(); }

void grpc_reactor::operation::happened(bool ok) {
  (reactor.*on_end)(ok);
  std::unique_lock lock(reactor.mutex_);
  bool over = --reactor.under_way_ == 0 && reactor.ended_;
  lock.unlock();
  reactor.leave_if_done(over);
}

void grpc_reactor::begin(std::unique_ptr<grpc_stream> stream) {
  self_ = shared_from_this();
  stream->end.reactor = this;
  stream_ = std::move(stream);
  start();
}

void grpc_reactor::read() {
  std::lock_guard lock(mutex_);
  if (finished_) return;
  ++under_way_;
  stream_->messages.Read(&incoming_, &reading_);
}

void grpc_reactor::write(grpc::ByteBuffer message) {
  std::lock_guard lock(mutex_);
  if (finished_) return;
  ++under_way_;
  stream_->messages.Write(message, &writing_);
}

void grpc_reactor::tell(const std::string& name, const std::string& value) {
  {
    std::lock_guard lock(mutex_);
    if (!finished_) stream_->context.AddInitialMetadata(name, value);
  }
  tell_nothing();
}

void grpc_reactor::tell_nothing() {
  std::lock_guard lock(mutex_);
  if (finished_) return;
  ++under_way_;
  stream_->messages.SendInitialMetadata(&telling_);
}

void grpc_reactor::tell_last(const std::string& name, const std::string& value) {
  std::lock_guard lock(mutex_);
  if (!finished_) stream_->context.AddTrailingMetadata(name, value);
}

bool grpc_reactor::finish_first(const status& why) {
  std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return false;
  ++under_way_;
  stream_->messages.Finish(to_grpc(why), &finishing_);
  return true;
}

void grpc_reactor::finish(grpc::ByteBuffer last_message) {
  std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  ++under_way_;
  stream_->messages.WriteAndFinish(last_message, {}, grpc::Status::OK, &finishing_);
}

bool grpc_reactor::is_finished() const {
  std::lock_guard lock(mutex_);
  return finished_;
}

void grpc_reactor::cut() {
  std::lock_guard lock(mutex_);
  if (finished_ && stream_) stream_->context.TryCancel();
}

void grpc_reactor::on_cancelled() { finish({status_code::cancelled, "the caller is gone"}); }

void grpc_reactor::on_done() {}

void grpc_reactor::ended() {
  if (!is_finished() || stream_->context.IsCancelled()) on_cancelled();
  std::unique_lock lock(mutex_);
  ended_ = true;
  bool over = under_way_ == 0;
  lock.unlock();
  leave_if_done(over);
}

// A reply still to come may keep this object past the server: what is gRPC's goes now.
void grpc_reactor::leave_if_done(bool over) {
  if (!over) return;
  on_done();
  incoming_.Clear();
  std::unique_ptr<grpc_stream> gone;
  {
    std::lock_guard lock(mutex_);
    gone = std::move(stream_);
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
