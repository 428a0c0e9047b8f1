// The bare HTTP server: see http_echo.hpp. No code of Perdure.

#include "bench/ceilings/http_echo.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <thread>
#include <vector>

namespace perdure::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

class connection : public std::enable_shared_from_this<connection> {
 public:
  explicit connection(tcp::socket socket) : socket_(std::move(socket)) {
    socket_.set_option(tcp::no_delay(true));
  }

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = "{}";
    response_.prepare_payload();
    http::async_write(socket_, response_,
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->read();
                      });
  }

  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

class http_echo::running {
 public:
  explicit running(int threads)
      : loops_(static_cast<std::size_t>(threads)),
        acceptor_(loops_.front(), {asio::ip::address_v4::loopback(), 0}) {
    accept();
    for (auto& loop : loops_) {
      threads_.emplace_back([&loop] {
        auto work = asio::make_work_guard(loop);
        loop.run();
      });
    }
  }

  ~running() {
    for (auto& loop : loops_) loop.stop();
    for (auto& thread : threads_) thread.join();
  }

  int port() const { return acceptor_.local_endpoint().port(); }

 private:
  // Connections go round the threads.
  void accept() {
    next_ = (next_ + 1) % loops_.size();
    acceptor_.async_accept(loops_[next_], [this](error_code error, tcp::socket socket) {
      if (!error) {
        auto loop = socket.get_executor();
        auto taken = std::make_shared<connection>(std::move(socket));
        asio::post(loop, [taken] { taken->read(); });
      }
      accept();
    });
  }

  std::deque<asio::io_context> loops_;
  tcp::acceptor acceptor_;
  std::size_t next_ = 0;
  std::vector<std::thread> threads_;
};

http_echo::http_echo(int threads) : running_(std::make_unique<running>(threads)) {}

http_echo::~http_echo() = default;

int http_echo::port() const { return running_->port(); }

}  // namespace perdure::bench
