#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

// A client that sends exactly the bytes it is told, over a real socket.

namespace perdure::gateway::testing {

// Longer than anything takes; what is waited for past it has failed.
inline constexpr std::chrono::seconds http_patience{60};

inline bool http_eventually(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + http_patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

class http_client {
 public:
  using response = boost::beast::http::response<boost::beast::http::string_body>;
  using tcp = boost::asio::ip::tcp;

  explicit http_client(int port) : http_client() { connect(port); }

  // With a descriptor, but without a connection.
  http_client() {
    socket_.open(tcp::v4());
    timeval limit{http_patience.count(), 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  void connect(int port) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
  }

  // What the server no longer takes is lost, as in life.
  http_client& send(const std::string& bytes) {
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes), error);
    sent_all_ = sent_all_ && !error;
    return *this;
  }
  bool sent_all() const { return sent_all_; }

  response read(bool head = false) {
    namespace http = boost::beast::http;
    http::response_parser<http::string_body> parser;
    parser.body_limit(64 << 20);
    parser.skip(head);
    boost::system::error_code error;
    http::read(socket_, buffer_, parser, error);
    BOOST_REQUIRE_MESSAGE(!error, error.message());
    return parser.release();
  }

  response ask(const std::string& bytes) { return send(bytes).read(); }

  // Waits until the server has closed, and says whether it sent nothing before that.
  bool at_end() {
    boost::system::error_code error;
    char byte;
    auto count = socket_.read_some(boost::asio::buffer(&byte, 1), error);
    return count == 0 &&
           (error == boost::asio::error::eof || error == boost::asio::error::connection_reset);
  }

  void close() { socket_.close(); }
  void reset() {
    socket_.set_option(boost::asio::socket_base::linger(true, 0));
    socket_.close();
  }
  tcp::socket& socket() { return socket_; }

 private:
  boost::asio::io_context loop_;
  tcp::socket socket_{loop_};
  boost::beast::flat_buffer buffer_;
  bool sent_all_ = true;
};

inline std::string http_post(const std::string& target, const std::string& body,
                             const std::string& headers = {}) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

inline std::string http_get(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: t\r\n" + headers + "\r\n";
}

}  // namespace perdure::gateway::testing
