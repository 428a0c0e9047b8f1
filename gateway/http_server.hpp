#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"

// An HTTP/1.1 server that does not know what it serves: a handler gets each request and answers it
// when it can. The service port (http_endpoint.hpp) and the admin port are two of them.

namespace perdure::gateway {

struct http_request {
  std::string method;         // "GET"
  std::string target;         // "/carts/cart-1?verbose=true", still percent-encoded
  perdure::metadata headers;  // names in lower case
  std::string body;
};

struct http_response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";  // sent when there is a body
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// An answer that comes in parts.
struct http_stream {
  http_response head;     // its body is not looked at
  std::string idle_part;  // sent when nothing else was for a while; empty: nothing is

  // Both are called on the connection's thread. `taken`: the client's side has the last part, the
  // next may come. `stop`, once: nobody takes the rest (CANCELLED, RESOURCE_EXHAUSTED), or the
  // server stops (UNAVAILABLE); send the last part.
  std::function<void()> taken;
  std::function<void(status)> stop;
};

struct http_part {
  std::string bytes;
  // What follows: another part; nothing, the answer is complete; or nothing though it is not, which
  // the client sees by how the connection ends.
  enum class then { more, end, break_off } next = then::more;
  // The whole answer, should nothing have been sent so far.
  std::optional<http_response> instead = {};
};

// A request and its answer to come. Any thread, unless a line says otherwise.
class http_exchange {
 public:
  virtual ~http_exchange() = default;

  // Stays as it is until the last shared_ptr to the exchange is gone; a handler may move out of it.
  http_request& request() { return request_; }

  // The first answer is sent, later ones are dropped; so is each once the client is gone. `make`
  // runs on the connection's thread, so that a caller who must be quick does not pay for it.
  virtual void answer(std::function<http_response()> make) = 0;
  void answer(http_response response) {
    answer([response = std::move(response)]() mutable { return std::move(response); });
  }

  // What is answered when nothing else was after `timeout`; is_cancelled() is true from then on.
  // Only inside the handler, once.
  virtual void answer_after(std::chrono::milliseconds timeout,
                            std::function<http_response()> make) = 0;

  // In place of answer(): announces an answer in parts. Only inside the handler, once. The head
  // goes with the first part, or by itself after a while.
  virtual void stream(http_stream how) = 0;

  // One part, and then the next after `taken`; the last may come at any time. `make` runs on the
  // connection's thread, unless nobody takes it any more.
  virtual void send(std::function<http_part()> make) = 0;

  // True once nobody waits for the answer any more. A client that closes its sending side counts as
  // gone: over TCP the two look the same.
  const std::atomic<bool>& is_cancelled() const { return cancelled_; }

 protected:
  http_request request_;
  std::atomic<bool> cancelled_{false};
};

// Runs on a thread of the server, whose other connections wait meanwhile: must be quick and not
// throw.
using http_handler = std::function<void(std::shared_ptr<http_exchange>)>;

// Bounds (base/limits.hpp): headers 431, body 413, all bodies being received 503, connections 503;
// each with the error as JSON (http_error.hpp) and the connection closed. While answers that
// clients have not taken are more than in_flight_bytes_max together, requests are answered 503;
// more than twice that is not kept, an answer is dropped and a 503 sent in its place. What is not
// HTTP gets 400, half a request that is not completed within http_idle_max 408. A client that does
// not take an answer, or a part of one, for http_idle_max is cut off; answers in parts that pause
// for a quarter of that are kept alive.
class http_server {
 public:
  struct settings {
    std::string host = "127.0.0.1";
    int port = 8080;                          // 0: any free one
    std::string port_option = "--http-port";  // what a person changes when the port is taken
    int threads = 2;
    // Takes the descriptor of a connection that begins as HTTP/2 does; nothing of it has been read,
    // and it does not block. Empty: such a client is told that this is HTTP/1.1.
    std::function<void(int)> take_http_2 = {};
  };

  // Listens and serves at once.
  //   UNAVAILABLE  the address cannot be listened on
  static result<std::unique_ptr<http_server>> start(const settings& where, http_handler handler,
                                                    const limits& bounds);

  // stop() without grace, unless it was called before.
  ~http_server();

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  // The port it listens on.
  int port() const;

  // Open at the moment.
  std::size_t connections() const;

  // Takes no new connections and requests, closes idle connections, tells answers in parts to stop,
  // waits until the requests that were handed to the handler are answered, but not longer than
  // `grace`, and drops those that are left. Then nothing of the server runs any more; answers that
  // still come are dropped. True when all were answered, though perhaps not read. Not from the
  // handler.
  bool stop(std::chrono::milliseconds grace);

 private:
  class running;
  explicit http_server(std::unique_ptr<running> started);
  std::unique_ptr<running> running_;
};

}  // namespace perdure::gateway
