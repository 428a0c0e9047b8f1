#pragma once

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>
#include <istream>
#include <memory>
#include <string>

#include "gateway/http_endpoint.hpp"
#include "test/gateway/echo_models.hpp"
#include "test/gateway/fake_streams.hpp"
#include "test/gateway/http_client.hpp"

// What the tests of streams over HTTP share.

namespace perdure::gateway::testing {

using namespace std::chrono_literals;

inline gateway_test::EchoReply said(const std::string& text) {
  gateway_test::EchoReply reply;
  reply.set_text(text);
  return reply;
}

// The HTTP half in front of streams of the test.
struct http_streaming {
  explicit http_streaming(limits with = {}) : bounds(with) {
    auto started = gateway::http_server::start(
        {"127.0.0.1", 0}, gateway::http_endpoint(routes, endpoint, clock, bounds), bounds);
    BOOST_REQUIRE_MESSAGE(started.ok(), to_string(started.error()));
    server = *std::move(started);
  }

  limits bounds;
  manual_clock clock;
  fake_streams streams;
  service_catalog catalog = echo_catalog();
  gateway::http_routes routes = *gateway::http_routes::of(catalog);
  command_endpoint endpoint{{.submit =
                                 [](const actors::command& c) {
                                   c.reply({{}, said("unary").SerializeAsString()});
                                 },
                             .own = {},
                             .open_stream =
                                 [this](auto request, auto caller) {
                                   return streams.open(std::move(request), std::move(caller));
                                 }},
                            clock,
                            bounds};
  std::unique_ptr<gateway::http_server> server;
};

// Reads an answer as it comes.
class stream_reader {
 public:
  explicit stream_reader(http_client& client) : socket_(client.socket()) {}

  // The next line, without its end. Empty when the connection has ended as well.
  std::string line() {
    boost::system::error_code error;
    auto size = boost::asio::read_until(socket_, buffer_, "\r\n", error);
    ended = bool(error);
    if (error) return {};
    return take(size).substr(0, size - 2);
  }

  // First line and headers.
  std::string head() {
    std::string all;
    for (auto one = line(); !one.empty(); one = line()) all += one + "\n";
    return all;
  }

  // The content of the next chunk; empty: the last one.
  std::string chunk() {
    auto length = line();
    if (ended) return "cut";
    return bytes(std::stoul(length, nullptr, 16));
  }

  // What a chunk holds whose length has been read.
  std::string bytes(std::size_t size) {
    boost::system::error_code error;
    if (buffer_.size() < size + 2) {
      boost::asio::read(socket_, buffer_, boost::asio::transfer_at_least(size + 2 - buffer_.size()),
                        error);
    }
    return take(size + 2).substr(0, size);
  }

  // All up to the end of the connection.
  std::string rest() {
    boost::system::error_code error;
    boost::asio::read(socket_, buffer_, error);
    ended = true;
    return take(buffer_.size());
  }

  bool ended = false;

 private:
  std::string take(std::size_t size) {
    std::string text(size, '\0');
    std::istream(&buffer_).read(text.data(), static_cast<std::streamsize>(size));
    return text;
  }

  http_client::tcp::socket& socket_;
  boost::asio::streambuf buffer_;
};

// One request, and what comes of it.
struct asked {
  asked(const http_streaming& of, const std::string& request) : answer(client) {
    // Of a fixed size, so that more_than_sockets_hold() need not know how far it may grow.
    client.socket().set_option(boost::asio::socket_base::receive_buffer_size(64 << 10));
    client.connect(of.server->port());
    client.send(request);
  }
  http_client client;
  stream_reader answer;
};

// What cannot leave the server before its client reads: more than both ends' buffers may hold.
inline std::string more_than_sockets_hold() {
  std::size_t min = 0, usual = 0, max = 0;
  std::ifstream("/proc/sys/net/ipv4/tcp_wmem") >> min >> usual >> max;
  BOOST_REQUIRE(max > 0u);
  return std::string(max + (1 << 20), 'x');
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string events(const std::string& target) {
  return http_get(target, "Accept: text/event-stream\r\n");
}

}  // namespace perdure::gateway::testing
