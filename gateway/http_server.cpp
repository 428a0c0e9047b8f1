// The listener: accepts, spreads connections over the threads, stops.

#include "gateway/http_server.hpp"

#include <condition_variable>

#include "base/log.hpp"
#include "gateway/http_connection.hpp"

namespace perdure::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// While the process has no descriptor left, accepting is tried again this often.
constexpr std::chrono::milliseconds accept_backoff{50};

// Connections over the limit that are being told so at a time; more are closed without a word.
constexpr std::size_t refusing_max = 256;

std::string address_of(const http_server::settings& where) {
  bool is_ipv6 = where.host.find(':') != where.host.npos;
  return (is_ipv6 ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
}

status cannot_listen(const http_server::settings& where, error_code why) {
  auto cause =
      why == asio::error::address_in_use
          ? " is taken: stop what listens there or choose another port with " + where.port_option
          : " cannot be listened on: " + why.message();
  return {status_code::unavailable, address_of(where) + cause};
}

}  // namespace

class http_server::running {
 public:
  running(const settings& with, http_handler handler, const limits& bounds)
      : shared_(std::make_shared<http_server_state>()) {
    shared_->handler = std::move(handler);
    shared_->take_http_2 = with.take_http_2;
    shared_->bounds = bounds;
    for (int i = 0; i < std::max(with.threads, 1); ++i) {
      threads_.push_back(std::make_shared<http_io_thread>(shared_));
    }
    acceptor_.emplace(threads_[0]->loop());
    backoff_.emplace(threads_[0]->loop());
  }

  error_code listen(const settings& where) {
    error_code error;
    tcp::resolver resolver(threads_[0]->loop());
    auto found = resolver.resolve(where.host, std::to_string(where.port),
                                  tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error) return error;
    auto endpoint = found.begin()->endpoint();
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_->local_endpoint(error).port();
    return error;
  }

  void start() {
    accept();
    for (auto& thread : threads_) thread->start();
  }

  int port() const { return port_; }
  std::size_t connections() const { return shared_->connections; }

  bool stop(std::chrono::milliseconds grace) {
    std::lock_guard lock(stopping_);
    if (stopped_) return all_answered_;
    stopped_ = true;
    shared_->stopping = true;
    threads_[0]->run([this] {
      error_code ignored;
      acceptor_->close(ignored);
      backoff_->cancel();
    });
    each_connection([](http_connection& one) { one.stop(); });
    // Ends early once all are answered: the loops run out of work.
    auto watch = std::make_shared<stop_watch>();
    watch->left = threads_.size();
    for (auto& thread : threads_) await_last(*thread, watch, steady_now() + grace);
    {
      std::unique_lock waiting(watch->mutex);
      watch->changed.wait(waiting, [&] { return watch->left == 0; });
      all_answered_ = watch->all_answered;
    }
    for (auto& thread : threads_) thread->finish();
    acceptor_.reset();
    backoff_.reset();
    return all_answered_;
  }

 private:
  struct stop_watch {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t left = 0;
    bool all_answered = true;
  };

  static std::chrono::steady_clock::time_point steady_now() {
    return std::chrono::steady_clock::now();
  }

  template <class Action>
  void each_connection(Action action) {
    for (auto& thread : threads_) {
      thread->run([home = thread.get(), action] {
        // Closing takes a connection out of the set.
        auto open = home->open();
        for (auto* one : open) action(*one);
      });
    }
  }

  // Looks every few milliseconds, which only a process that ends can afford.
  static void await_last(http_io_thread& home, std::shared_ptr<stop_watch> watch,
                         std::chrono::steady_clock::time_point deadline) {
    home.run([&home, watch, deadline] {
      bool in_time = steady_now() < deadline;
      if (!home.open().empty() && in_time) {
        auto timer =
            std::make_shared<asio::steady_timer>(home.loop(), std::chrono::milliseconds{2});
        timer->async_wait(
            [&home, watch, deadline, timer](error_code) { await_last(home, watch, deadline); });
        return;
      }
      auto open = home.open();
      bool unanswered = false;
      for (auto* one : open) {
        unanswered = unanswered || one->awaits_answer();
        one->close();
      }
      std::lock_guard lock(watch->mutex);
      if (unanswered) watch->all_answered = false;
      --watch->left;
      watch->changed.notify_all();
    });
  }

  void accept() {
    auto& home = threads_[next_++ % threads_.size()];
    acceptor_->async_accept(home->loop(), [this, home](error_code error, tcp::socket socket) {
      if (shared_->stopping) return;
      if (!error) {
        home->run([home, taken = std::make_shared<tcp::socket>(std::move(socket))] {
          begin(home, std::move(*taken));
        });
        return accept();
      }
      if (error == asio::error::connection_aborted) return accept();
      // Out of descriptors, most likely. What waits in the backlog is served once there are some.
      if (!std::exchange(out_of_descriptors_, true)) {
        log_warning("http: cannot accept connections: " + error.message() + "; trying on");
      }
      backoff_->expires_after(accept_backoff);
      backoff_->async_wait([this](error_code cancelled) {
        if (!cancelled && !shared_->stopping) accept();
      });
    });
  }

  static void begin(const std::shared_ptr<http_io_thread>& home, tcp::socket socket) {
    auto& shared = home->shared();
    if (shared.stopping) return;
    bool full = shared.connections >= shared.bounds.http_connections_max + shared.refusing;
    if (full && shared.refusing >= refusing_max) return;
    auto connection = std::make_shared<http_connection>(std::move(socket), home);
    if (!full) return connection->start();
    connection->start_refusing(
        {status_code::resource_exhausted,
         "all " + std::to_string(shared.bounds.http_connections_max) +
             " connections are in use: try again later, or reuse connections"},
        503);
  }

  std::shared_ptr<http_server_state> shared_;
  std::vector<std::shared_ptr<http_io_thread>> threads_;
  // On the first thread. Gone before it, as stop() ends with them.
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> backoff_;
  std::size_t next_ = 0;
  bool out_of_descriptors_ = false;
  int port_ = 0;
  std::mutex stopping_;
  bool stopped_ = false;
  bool all_answered_ = true;
};

result<std::unique_ptr<http_server>> http_server::start(const settings& where, http_handler handler,
                                                        const limits& bounds) {
  auto made = std::make_unique<running>(where, std::move(handler), bounds);
  if (auto error = made->listen(where)) return cannot_listen(where, error);
  made->start();
  return std::unique_ptr<http_server>(new http_server(std::move(made)));
}

http_server::http_server(std::unique_ptr<running> started) : running_(std::move(started)) {}

http_server::~http_server() { stop(std::chrono::milliseconds{0}); }

int http_server::port() const { return running_->port(); }

std::size_t http_server::connections() const { return running_->connections(); }

bool http_server::stop(std::chrono::milliseconds grace) { return running_->stop(grace); }

}  // namespace perdure::gateway
