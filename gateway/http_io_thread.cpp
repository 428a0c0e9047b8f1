// The threads of the HTTP server.

#include "gateway/http_io_thread.hpp"

#include <pthread.h>

#include <ctime>

namespace perdure::gateway {

http_io_thread::http_io_thread(std::shared_ptr<http_server_state> shared)
    : shared_(std::move(shared)) {}

void http_io_thread::start() {
  work_.emplace(boost::asio::make_work_guard(loop_));
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "perdure-http");
    loop_.run();
  });
}

void http_io_thread::finish() {
  work_.reset();
  if (thread_.joinable()) thread_.join();
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
  }
  // What was posted while the loop ended. Left where it is it would keep its exchange, and that
  // this object, alive for ever.
  loop_.restart();
  boost::asio::post(loop_, [this] { run_posted(); });
  loop_.poll();
}

void http_io_thread::run_posted() {
  {
    std::lock_guard lock(mutex_);
    running_.swap(posted_);
  }
  for (auto& task : running_) task();
  running_.clear();
}

const std::string& http_io_thread::date() {
  auto now = std::time(nullptr);
  if (now != date_of_) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[64];
    auto length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    date_.assign(text, length);
    date_of_ = now;
  }
  return date_;
}

}  // namespace perdure::gateway
