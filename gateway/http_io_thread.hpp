#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gateway/http_server.hpp"

namespace perdure::gateway {

class http_connection;

// What the connections of one server share. Any thread.
struct http_server_state {
  http_handler handler;
  std::function<void(int)> take_http_2;  // http_server::settings
  limits bounds;
  std::atomic<std::size_t> connections{0};   // open
  std::atomic<std::size_t> refusing{0};      // of them, those over the limit being told so
  std::atomic<std::size_t> body_bytes{0};    // received and not yet handed to the handler
  std::atomic<std::size_t> unsent_bytes{0};  // of answers that clients have not taken yet
  std::atomic<bool> stopping{false};
};

// One connection's share of such a sum.
class counted_bytes {
 public:
  explicit counted_bytes(std::atomic<std::size_t>& sum) : sum_(sum) {}
  ~counted_bytes() { set(0); }
  counted_bytes(const counted_bytes&) = delete;
  counted_bytes& operator=(const counted_bytes&) = delete;

  void set(std::size_t bytes) {
    if (bytes != bytes_) sum_ += bytes - bytes_;
    bytes_ = bytes;
  }

 private:
  std::atomic<std::size_t>& sum_;
  std::size_t bytes_ = 0;
};

// A thread with its own event loop. A connection belongs to one for life and is touched only on it,
// so connections need no lock. Owned by the server and, since answers can come after the server's
// end, by the exchanges.
class http_io_thread : public std::enable_shared_from_this<http_io_thread> {
 public:
  explicit http_io_thread(std::shared_ptr<http_server_state> shared);

  void start();

  // Runs `task` on the thread, at once when this is the thread. Dropped after finish(). Any thread.
  template <class Task>
  void run(Task task) {
    if (loop_.get_executor().running_in_this_thread()) return task();
    // The answers of one commit come all at once: only the first of them wakes the loop.
    bool is_first;
    {
      std::lock_guard lock(mutex_);
      if (finished_) return;
      is_first = posted_.empty();
      posted_.emplace_back(std::move(task));
    }
    if (is_first) boost::asio::post(loop_, [this] { run_posted(); });
  }

  // Ends the thread once no connection is left. Not from the thread itself.
  void finish();

  boost::asio::io_context& loop() { return loop_; }
  http_server_state& shared() { return *shared_; }

  // The rest only on the thread.

  void enter(http_connection* one) { open_.insert(one); }
  void leave(http_connection* one) { open_.erase(one); }
  std::unordered_set<http_connection*>& open() { return open_; }

  // Where bytes are read to before it is known whose they are: an idle connection holds no buffer.
  std::array<char, 64 << 10>& scratch() { return scratch_; }

  // The time for a Date header, made anew once a second.
  const std::string& date();

 private:
  void run_posted();

  std::shared_ptr<http_server_state> shared_;
  boost::asio::io_context loop_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::thread thread_;
  std::mutex mutex_;  // of finished_ and posted_
  bool finished_ = false;
  std::vector<std::function<void()>> posted_;   // from other threads, in their order
  std::vector<std::function<void()>> running_;  // empty but for its memory, outside run_posted()
  std::unordered_set<http_connection*> open_;
  std::array<char, 64 << 10> scratch_;
  std::string date_;
  std::time_t date_of_ = 0;
};

}  // namespace perdure::gateway
