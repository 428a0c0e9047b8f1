// Unpacks compressed gRPC messages within a bound, by zlib.

#include "gateway/grpc_inflate.hpp"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <zlib.h>

#include <algorithm>
#include <memory>
#include <string>

#include "gateway/grpc_reactor.hpp"

namespace grpc::internal {

// The friend that gRPC names for looking into a buffer from outside.
class GrpcByteBufferPeer {
 public:
  static grpc_byte_buffer* inside_of(ByteBuffer& buffer) { return buffer.c_buffer(); }
};

}  // namespace grpc::internal

namespace perdure::gateway {
namespace {

constexpr std::size_t first_piece = 16 << 10;

status too_large(std::size_t bytes_max) {
  return {status_code::resource_exhausted,
          "the message unpacks to more than " + std::to_string(bytes_max) + " bytes"};
}

status malformed() {
  return {status_code::invalid_argument, "the message is not what its grpc-encoding says"};
}

struct inflate_end {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

// Appends what `input` unpacks to, growing by doubling so that small messages stay small.
status append(z_stream& stream, const grpc_slice& input, bool& ended, std::string& content,
              std::size_t bytes_max) {
  stream.next_in = const_cast<Bytef*>(GRPC_SLICE_START_PTR(input));
  stream.avail_in = static_cast<uInt>(GRPC_SLICE_LENGTH(input));
  while (!ended) {
    auto filled = static_cast<std::size_t>(stream.total_out);
    if (filled == content.size()) {
      // One byte more than is allowed tells a message of just that size from one that goes on.
      if (filled > bytes_max) return too_large(bytes_max);
      content.resize(std::min(std::max(first_piece, filled * 2), bytes_max + 1));
    }
    stream.next_out = reinterpret_cast<Bytef*>(content.data()) + filled;
    stream.avail_out = static_cast<uInt>(content.size() - filled);
    auto code = ::inflate(&stream, Z_NO_FLUSH);
    ended = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return malformed();
    if (stream.avail_in == 0 && stream.avail_out > 0) break;  // needs the next slice
  }
  return stream.avail_in == 0 ? status{} : malformed();
}

}  // namespace

status inflate(grpc::ByteBuffer& message, std::size_t bytes_max) {
  const auto* inside = grpc::internal::GrpcByteBufferPeer::inside_of(message);
  if (!inside || inside->data.raw.compression == GRPC_COMPRESS_NONE) return {};

  z_stream stream{};
  constexpr int either_format = 32 + MAX_WBITS;
  if (inflateInit2(&stream, either_format) != Z_OK) {
    return {status_code::resource_exhausted, "no memory to unpack the message"};
  }
  std::unique_ptr<z_stream, inflate_end> ending(&stream);

  std::string content;
  bool ended = false;
  const auto& slices = inside->data.raw.slice_buffer;
  for (std::size_t i = 0; i < slices.count; ++i) {
    if (auto added = append(stream, slices.slices[i], ended, content, bytes_max); !added.ok()) {
      return added;
    }
  }
  if (!ended) return malformed();
  content.resize(stream.total_out);
  if (content.size() > bytes_max) return too_large(bytes_max);
  auto unpacked = to_buffer(std::move(content));
  message.Swap(&unpacked);
  return {};
}

}  // namespace perdure::gateway
