#pragma once

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "gateway/http_connection.hpp"

namespace perdure::gateway {

// The handler's end of one request. Pulls in Asio, so only gateway/http_connection*.cpp include it.
class http_connection::exchange final : public http_exchange,
                                        public std::enable_shared_from_this<exchange> {
 public:
  exchange(http_connection* connection, std::shared_ptr<http_io_thread> home, http_request request)
      : connection_(connection), home_(std::move(home)) {
    request_ = std::move(request);
  }

  using http_exchange::answer;
  void answer(std::function<http_response()> make) override {
    home_->run([self = shared_from_this(), make = std::move(make)] {
      if (self->connection_) std::exchange(self->connection_, nullptr)->send(make());
    });
  }

  void answer_after(std::chrono::milliseconds timeout,
                    std::function<http_response()> make) override {
    if (!connection_) return;
    connection_->fallback_ = std::move(make);
    connection_->expire_at(std::chrono::steady_clock::now() + std::min(timeout, timeout_max));
  }

  void stream(http_stream how) override {
    taken_ = std::move(how.taken);
    stop_ = std::move(how.stop);
    if (connection_) connection_->begin_stream(std::move(how));
  }

  void send(std::function<http_part()> make) override {
    home_->run([self = shared_from_this(), make = std::move(make)] {
      if (!self->connection_) return;
      auto part = make();  // in which the answer may be stopped
      if (self->connection_) self->connection_->send_part(std::move(part));
    });
  }

  // -- what the connection says, on its thread
  // -----------------------------------------------------

  void cancel() {
    cancelled_ = true;
    stop({status_code::cancelled, "the client is gone"});
  }

  // Of an answer in parts; nothing of others.
  void stop(const status& why) {
    if (auto tell = std::exchange(stop_, nullptr)) tell(why);
  }

  // The last part is taken. Not told inside of what the handler has called.
  void taken() {
    boost::asio::post(home_->loop(), [self = shared_from_this()] {
      if (self->connection_) self->taken_();
    });
  }

  // Whatever is answered from now on is dropped.
  void detach() {
    connection_ = nullptr;
    taken_ = nullptr;
  }

  // Nothing is told any more: the handler has given its answer.
  void let_go() {
    detach();
    stop_ = nullptr;
  }

 private:
  // steady_clock counts nanoseconds in 64 bits; a longer wait is as good as none.
  static constexpr std::chrono::milliseconds timeout_max = std::chrono::hours{24 * 365};

  http_connection* connection_;  // touched only on the thread; null once answered or closed
  std::shared_ptr<http_io_thread> home_;
  std::function<void()> taken_;
  std::function<void(status)> stop_;
};

}  // namespace perdure::gateway
