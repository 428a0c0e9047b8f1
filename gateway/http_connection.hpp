#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "gateway/http_io_thread.hpp"
#include "gateway/http_request_parser.hpp"

namespace perdure::gateway {

// One client. Requests are handed to the handler one at a time, so pipelined ones are answered in
// their order; meanwhile reading goes on within a bound, and thus notices when the client is gone.
//
//   receiving --request complete--> answering --answer written--> receiving
//       |                               |
//       +--error, limit, last answer----+--> lingering --client closed, or soon--> closed
//
// Lives on its http_io_thread; owned by its pending operations. Nothing else holds it: exchanges
// have a plain pointer, which is cleared when the connection is closed or the answer written.
class http_connection : public std::enable_shared_from_this<http_connection> {
 public:
  http_connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<http_io_thread> home);
  ~http_connection();

  void start();

  // Tells the client why it is not served, and closes.
  void start_refusing(const status& why, int http_status);

  // Closes as soon as no request is in the handler's hands.
  void stop();

  // Closes at once.
  void close();

  // Whether a request is in the handler's hands.
  bool awaits_answer() const { return current_ != nullptr; }

 private:
  class exchange;
  enum class phase { receiving, answering, lingering, closed };
  using time_point = std::chrono::steady_clock::time_point;

  void await_version();
  void on_version();
  void await_bytes();
  void on_readable(boost::system::error_code error);
  void on_client_gone(bool half_open);
  void take_in(const char* bytes, std::size_t count);
  std::size_t parse(const char* bytes, std::size_t count);
  bool check_progress(std::size_t unparsed);
  void on_parse_error(boost::system::error_code error);
  void continue_if_expected();
  void hand_over();

  std::optional<http_response> refusal_of(const http_request& request);
  bool has_room_for(std::size_t size) const;
  void send(http_response response);
  void refuse(const status& why, int http_status);
  void write_out(void (http_connection::*then)(boost::system::error_code error));
  void on_written(boost::system::error_code error);
  void after_answer();

  // Answers in parts (http_connection_stream.cpp).
  void begin_stream(http_stream how);
  void send_part(http_part part);
  void write_part(http_part part, bool is_asked_for);
  void frame(http_part& part);
  void on_part_written(boost::system::error_code error);
  void on_pause();
  void watch_peer();
  void linger();

  // When nothing happens until then, on_expiry() ends what is under way.
  void expire_at(time_point when);
  void await_expiry();
  void on_expiry();

  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<http_io_thread> home_;
  phase phase_ = phase::receiving;
  bool reading_ = false;      // a read is pending
  bool client_done_ = false;  // it sends no more
  bool keep_alive_ = true;    // after the answer under way
  bool parsing_ = false;      // take_in() is on the stack
  bool refused_ = false;      // counted in shared().refusing
  bool continued_ = false;    // "100 Continue" is sent
  bool head_ = false;         // the answer has no body
  bool http_1_0_ = false;
  std::optional<http_request_parser> parser_;
  std::string pending_;         // received, not yet parsed
  counted_bytes body_bytes_;    // received, until the handler has them
  counted_bytes unsent_bytes_;  // of an answer that does not fit into the socket

  std::shared_ptr<exchange> current_;  // in the handler's hands
  std::function<http_response()> fallback_;
  // The answer in parts that is under way.
  struct streamed_answer {
    http_response head;
    std::string idle_part;
    bool has_begun = false;  // its head is sent
    bool is_chunked = true;  // else it ends with the connection
    bool is_writing = false;
    // Of the part being written: what follows, and whether the handler waits to hear of it.
    http_part::then next = http_part::then::more;
    bool is_asked_for = false;
    std::optional<http_part> waiting;  // came meanwhile
  };
  std::optional<streamed_answer> stream_;

  std::string out_head_;
  std::string out_body_;

  boost::asio::steady_timer timer_;
  time_point expiry_ = time_point::max();
  time_point armed_ = time_point::max();
};

}  // namespace perdure::gateway
