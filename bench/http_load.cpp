// Our HTTP client. It shares the processor with the server that is measured, so it does as little
// as can be: one thread, a look at the head of each response.

#include "bench/http_load.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace perdure::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

tcp::endpoint at(int port) {
  return {asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)};
}

// Bytes of the response that begins `received`; nothing until its head is complete.
std::optional<std::size_t> size_of_response(std::string_view received) {
  auto head = received.substr(0, received.find("\r\n\r\n"));
  if (head.size() == received.size()) return {};
  constexpr std::string_view length = "\r\nContent-Length: ";
  std::size_t body = 0;
  if (auto found = head.find(length); found != head.npos) {
    auto digits = head.substr(found + length.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), body);
  }
  return head.size() + 4 + body;
}

bool is_ok(std::string_view response) { return response.starts_with("HTTP/1.1 200 "); }

std::string not_ok(std::string_view response) {
  return "a request was answered: " + std::string(response.substr(0, 300));
}

}  // namespace

class http_load::connections {
 public:
  explicit connections(const settings& how) : requests_(how.requests) {
    for (std::size_t i = 0; i < how.connections; ++i) open_.emplace_back(*this).connect(how.port);
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~connections() {
    work_.reset();
    thread_.join();
  }

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    shared_.run(open_.size(), lead_in, time, into, [this] {
      for (auto& one : open_) {
        asio::post(loop_, [&one] { one.send(closed_loop::clock::now()); });
      }
    });
  }

 private:
  class connection {
   public:
    explicit connection(connections& all) : all_(all), socket_(all.loop_) {}

    void connect(int port) {
      socket_.connect(at(port));
      socket_.set_option(tcp::no_delay(true));
    }

    void send(closed_loop::clock::time_point now) {
      begun_ = now;
      received_ = 0;
      const auto& request = all_.requests_[all_.next_++ % all_.requests_.size()];
      asio::async_write(socket_, asio::buffer(request), [this](error_code error, std::size_t) {
        if (error) return all_.shared_.failed("sending: " + error.message());
        receive();
      });
    }

   private:
    void receive() {
      socket_.async_read_some(asio::buffer(bytes_.data() + received_, bytes_.size() - received_),
                              [this](error_code error, std::size_t size) {
                                if (error)
                                  return all_.shared_.failed("receiving: " + error.message());
                                received_ += size;
                                std::string_view received(bytes_.data(), received_);
                                auto whole = size_of_response(received);
                                if (!whole || *whole > received_) return receive();
                                if (!is_ok(received)) return all_.shared_.failed(not_ok(received));
                                auto now = closed_loop::clock::now();
                                if (all_.shared_.answered(begun_, now)) send(now);
                              });
    }

    connections& all_;
    tcp::socket socket_;
    std::array<char, 4096> bytes_;  // a response is smaller
    std::size_t received_ = 0;
    closed_loop::clock::time_point begun_;
  };

  const std::vector<std::string>& requests_;
  std::size_t next_ = 0;  // of the thread
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(loop_);
  closed_loop shared_;
  std::deque<connection> open_;
  std::thread thread_;
};

http_load::http_load(const settings& how) : connections_(std::make_unique<connections>(how)) {}

http_load::~http_load() = default;

void http_load::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                    measured& into) {
  connections_->run(lead_in, time, into);
}

std::string send_http(int port, const std::string& request) {
  asio::io_context loop;
  tcp::socket socket(loop);
  socket.connect(at(port));
  asio::write(socket, asio::buffer(request));
  std::string received;
  std::optional<std::size_t> whole;
  std::array<char, 4096> part;
  while (!whole || received.size() < *whole) {
    received.append(part.data(), socket.read_some(asio::buffer(part)));
    whole = size_of_response(received);
  }
  if (!is_ok(received)) throw std::runtime_error(not_ok(received));
  return received;
}

}  // namespace perdure::bench
