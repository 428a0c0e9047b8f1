#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "test/gateway/grpc_fixture.hpp"

// What the tests of streams over gRPC share.

namespace perdure::gateway::testing {

using namespace std::chrono_literals;

inline constexpr const char* listen_path = "/gateway_test.Chat/Listen";
inline constexpr const char* tell_path = "/gateway_test.Chat/Tell";
inline constexpr const char* talk_path = "/gateway_test.Chat/Talk";

inline gateway_test::EchoReply said(const std::string& text) {
  gateway_test::EchoReply reply;
  reply.set_text(text);
  return reply;
}

inline std::string text_of(const google::protobuf::Message& request) {
  return dynamic_cast<const gateway_test::EchoRequest&>(request).text();
}

// What a client reads next; "end" after the last.
inline std::string heard(client_call& call) {
  std::string bytes;
  if (!call.read(bytes)) return "end";
  gateway_test::EchoReply reply;
  BOOST_REQUIRE(reply.ParseFromString(bytes));
  return reply.text();
}

struct grpc_streaming : grpc_fixture {
  explicit grpc_streaming(limits with = {}) : grpc_fixture({}, with) {}

  // A client that listens, and the stream that it has opened.
  std::shared_ptr<fake_stream> listen(client_call& call) {
    call.write(say("a", "hello"));
    call.writes_done();
    return streams.next();
  }

  std::unique_ptr<client_call> call_of(const std::string& path,
                                       std::function<void(grpc::ClientContext&)> prepare = {}) {
    return std::make_unique<client_call>(channel, path, std::move(prepare));
  }
};

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Cannot leave before its client reads: the window of one that does not is 64 KiB.
inline gateway_test::EchoReply more_than_a_window() { return said(std::string(1 << 20, 'x')); }

}  // namespace perdure::gateway::testing
