#pragma once

#include <memory>

// What Boost.Beast itself can do: an asynchronous HTTP/1.1 server with keep-alive that answers
// every request 200 with the JSON "{}", which is what AddItem replies.

namespace perdure::bench {

class http_echo {
 public:
  // Serves at once, on a free port of 127.0.0.1, with so many threads of one event loop each, as
  // gateway/http_server has them. Throws boost::system::system_error when it cannot.
  explicit http_echo(int threads);
  ~http_echo();

  int port() const;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
