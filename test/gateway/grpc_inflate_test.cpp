#include "gateway/grpc_inflate.hpp"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <zlib.h>

#include "test/gateway/grpc_fixture.hpp"

namespace grpc::internal {

// gRPC compresses what it sends by itself; bytes that only claim to be compressed get into a buffer
// as a friend's.
struct of_these_tests;
template <>
class CallbackUnaryHandler<of_these_tests, of_these_tests> {
 public:
  static ByteBuffer claim(const std::string& bytes, grpc_compression_algorithm how) {
    auto slice = grpc_slice_from_copied_buffer(bytes.data(), bytes.size());
    ByteBuffer made;
    made.set_buffer(grpc_raw_compressed_byte_buffer_create(&slice, 1, how));
    grpc_slice_unref(slice);
    return made;
  }
};

}  // namespace grpc::internal

namespace perdure::gateway::testing {
namespace {

using claiming = grpc::internal::CallbackUnaryHandler<grpc::internal::of_these_tests,
                                                      grpc::internal::of_these_tests>;

std::string packed(const std::string& bytes, grpc_compression_algorithm how) {
  z_stream stream{};
  int window = how == GRPC_COMPRESS_GZIP ? MAX_WBITS + 16 : MAX_WBITS;
  BOOST_REQUIRE(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window, 8, 0) == Z_OK);
  std::string made(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  made.resize(stream.total_out);
  deflateEnd(&stream);
  return made;
}

struct echoing : grpc_fixture {
  echoing() : grpc_fixture(echo) {}

  grpc::Status send(const std::string& bytes, grpc_compression_algorithm how) {
    client_call made(channel, say_path,
                     [&](auto& context) { context.set_compression_algorithm(how); });
    made.write(claiming::claim(bytes, how));
    return made.result().status;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(grpc_inflate)

BOOST_FIXTURE_TEST_CASE(what_is_not_compressed_as_it_says_is_refused, echoing) {
  std::string counting;
  for (int i = 0; i < 10'000; ++i) counting += std::to_string(i);
  for (auto how : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    auto whole = packed(say("a", counting), how);
    BOOST_TEST(send(whole, how).ok());
    auto flipped = whole;
    flipped[whole.size() / 2] ^= 0x55;
    for (const auto& bytes : {std::string("no compression at all"), std::string(), flipped,
                              whole.substr(0, whole.size() - 1), whole + "and more"}) {
      auto got = send(bytes, how);
      BOOST_TEST_CONTEXT(bytes.size()) {
        BOOST_TEST(got.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
        BOOST_TEST(got.error_message() == "the message is not what its grpc-encoding says");
      }
    }
    BOOST_TEST(call(say_path, say("a")).status.ok());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace perdure::gateway::testing
