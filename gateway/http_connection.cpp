// Command path over HTTP: bytes to requests, answers to bytes. Answers in parts:
// gateway/http_connection_stream.cpp. Next: the handler, gateway/http_endpoint.cpp.

#include "gateway/http_connection.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "gateway/http_connection_exchange.hpp"
#include "gateway/http_error.hpp"
#include "gateway/http_head.hpp"

namespace perdure::gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::steady_clock;

// What is read of requests to come while one is being answered. A client that sends more has to
// wait, and is not noticed when it goes away meanwhile.
constexpr std::size_t read_ahead_max = 16 << 10;

// A client that speaks HTTP/2 without having asked says "PRI * HTTP/2.0" first.
constexpr std::string_view http_2_begins = "PRI *";

using receive_low_watermark = asio::socket_base::receive_low_watermark;

// How long a client that was refused has to read why, before the connection is cut.
constexpr std::chrono::seconds linger_max{2};

http_response not_http(const std::string& what) {
  return error_response({status_code::invalid_argument, "this port speaks HTTP/1.1: " + what});
}

http_response exhausted(std::string why) {
  return error_response({status_code::resource_exhausted, std::move(why)}, 503);
}

}  // namespace

http_connection::http_connection(asio::ip::tcp::socket socket, std::shared_ptr<http_io_thread> home)
    : socket_(std::move(socket)),
      home_(std::move(home)),
      body_bytes_(home_->shared().body_bytes),
      unsent_bytes_(home_->shared().unsent_bytes),
      timer_(home_->loop()) {
  ++home_->shared().connections;
  home_->enter(this);
}

http_connection::~http_connection() { close(); }

void http_connection::start() {
  error_code ignored;  // a socket that is broken already shows at the first read
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  expire_at(steady_clock::now() + home_->shared().bounds.http_idle_max);
  if (home_->shared().take_http_2) return await_version();
  await_bytes();
}

void http_connection::start_refusing(const status& why, int http_status) {
  refused_ = true;
  ++home_->shared().refusing;
  error_code ignored;
  socket_.non_blocking(true, ignored);
  refuse(why, http_status);
}

void http_connection::stop() {
  keep_alive_ = false;
  if (phase_ == phase::receiving) return close();
  if (auto streaming = current_) streaming->stop({status_code::unavailable, "the server stops"});
}

void http_connection::close() {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  stream_.reset();
  if (auto last = std::exchange(current_, nullptr)) {
    last->detach();
    last->cancel();
  }
  body_bytes_.set(0);
  unsent_bytes_.set(0);
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  home_->leave(this);
  if (refused_) --home_->shared().refusing;
  --home_->shared().connections;
}

// -- in ---------------------------------------------------------------------------------------

// What a connection begins with is looked at and left where it is, so that it can be given away
// whole. It is readable only with as many bytes as that takes.
void http_connection::await_version() {
  error_code ignored;
  socket_.set_option(receive_low_watermark(http_2_begins.size()), ignored);
  reading_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](error_code) { self->on_version(); });
}

void http_connection::on_version() {
  reading_ = false;
  if (phase_ == phase::closed) return;
  error_code error;
  socket_.set_option(receive_low_watermark(1), error);
  std::array<char, http_2_begins.size()> first{};
  auto count = socket_.receive(asio::buffer(first), asio::socket_base::message_peek, error);
  if (error || std::string_view(first.data(), count) != http_2_begins) return await_bytes();
  auto descriptor = socket_.release(error);
  if (!error) home_->shared().take_http_2(descriptor);
  close();
}

void http_connection::await_bytes() {
  bool full = phase_ == phase::answering && pending_.size() >= read_ahead_max;
  if (reading_ || client_done_ || full || phase_ == phase::closed) return;
  reading_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](error_code error) { self->on_readable(error); });
}

void http_connection::on_readable(error_code error) {
  reading_ = false;
  if (phase_ == phase::closed) return;
  auto& scratch = home_->scratch();
  // A body in full flow is taken in large pieces, all else in small ones.
  bool in_body = phase_ == phase::receiving && parser_ && parser_->is_header_done();
  auto room = in_body || phase_ == phase::lingering ? scratch.size() : read_ahead_max;
  std::size_t count = error ? 0 : socket_.read_some(asio::buffer(scratch.data(), room), error);
  if (error == asio::error::would_block || error == asio::error::try_again) return await_bytes();
  if (error) return on_client_gone(error == asio::error::eof);
  if (phase_ == phase::answering) {
    pending_.append(scratch.data(), count);
  } else if (phase_ == phase::receiving) {
    take_in(scratch.data(), count);
  }
  await_bytes();
}

void http_connection::on_client_gone(bool half_open) {
  client_done_ = true;
  if (phase_ != phase::answering || !half_open) return close();
  // What is answered may still find a reader.
  keep_alive_ = keep_alive_ && !pending_.empty();
  if (auto answering = current_) answering->cancel();
}

// Parses as many requests as there are answers for at once.
void http_connection::take_in(const char* bytes, std::size_t count) {
  // Not parsed where it is kept: an answer that ends the connection clears pending_.
  auto joined = std::exchange(pending_, {});
  if (!joined.empty()) {
    joined.append(bytes, count);
    bytes = joined.data();
    count = joined.size();
  }
  parsing_ = true;
  std::size_t used = 0;
  while (phase_ == phase::receiving && used < count) {
    auto parsed = parse(bytes + used, count - used);
    used += parsed;
    if (phase_ != phase::receiving || !parser_) continue;
    if (!check_progress(count - used) || parsed == 0) break;
  }
  parsing_ = false;
  bool goes_on = phase_ == phase::receiving || phase_ == phase::answering;
  if (goes_on && used < count) pending_.assign(bytes + used, count - used);
}

std::size_t http_connection::parse(const char* bytes, std::size_t count) {
  std::size_t skipped = 0;
  if (!parser_) {
    // RFC 9112, 2.2: an empty line before a request is to be ignored.
    while (skipped < count && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) ++skipped;
    if (skipped == count) return skipped;
    parser_.emplace(home_->shared().bounds);
    continued_ = false;
  }
  error_code error;
  auto used = skipped + parser_->put(asio::const_buffer(bytes + skipped, count - skipped), error);
  if (error && error != http::error::need_more) {
    on_parse_error(error);
  } else if (parser_->is_done()) {
    hand_over();
  }
  return used;
}

// Whether what has come of a request is within bounds. `unparsed` is what the parser left of it.
bool http_connection::check_progress(std::size_t unparsed) {
  auto& shared = home_->shared();
  body_bytes_.set(parser_->request().body.size());
  if (shared.body_bytes > shared.bounds.in_flight_bytes_max) {
    send(exhausted("too many request bodies are under way at once: try again later"));
    return false;
  }
  // Only the header of a chunk can be left now, and that is short.
  if (parser_->is_header_done() && unparsed > read_ahead_max) {
    send(not_http("a chunk header has more than " + std::to_string(read_ahead_max) + " bytes"));
    return false;
  }
  if (parser_->is_header_done()) continue_if_expected();
  return true;
}

void http_connection::on_parse_error(error_code error) {
  const auto& bounds = home_->shared().bounds;
  if (error == http::error::header_limit) {
    return refuse({status_code::resource_exhausted,
                   "the request's first line and headers have more than the " +
                       std::to_string(bounds.metadata_bytes_max) + " bytes that are allowed"},
                  431);
  }
  if (error == http::error::body_limit) {
    return refuse({status_code::resource_exhausted, "the request's body has more than the " +
                                                        std::to_string(bounds.message_bytes_max) +
                                                        " bytes that are allowed"},
                  413);
  }
  keep_alive_ = false;
  send(not_http("the request is malformed (" + error.message() + ")"));
}

void http_connection::continue_if_expected() {
  if (continued_ || parser_->has_body_bytes() || parser_->is_http_1_0()) return;
  auto expected = first_value(parser_->request().headers, "expect");
  if (!boost::beast::iequals({expected.data(), expected.size()}, "100-continue")) return;
  continued_ = true;
  // Nothing else is being sent to a client that we wait for, so there is room for it; and without
  // it clients go on by themselves after a while.
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code ignored;
  socket_.write_some(asio::buffer(go_on.data(), go_on.size()), ignored);
}

void http_connection::hand_over() {
  phase_ = phase::answering;
  auto& shared = home_->shared();
  auto& request = parser_->request();
  keep_alive_ = parser_->keep_alive() && !shared.stopping;
  http_1_0_ = parser_->is_http_1_0();
  head_ = request.method == "HEAD";
  body_bytes_.set(0);
  auto refusal = refusal_of(request);
  current_ = std::make_shared<exchange>(this, home_, std::move(request));
  parser_.reset();
  expire_at(time_point::max());
  if (refusal) return current_->answer(*std::move(refusal));
  // The handler may answer at once and current_ change: it keeps its own.
  shared.handler(current_);
}

// What a complete request is answered instead of being handed over, or nothing.
std::optional<http_response> http_connection::refusal_of(const http_request& request) {
  const auto& shared = home_->shared();
  if (!first_value(request.headers, "transfer-encoding").empty() && !parser_->chunked()) {
    keep_alive_ = false;
    return not_http("transfer-encoding must be chunked");
  }
  if (shared.unsent_bytes <= shared.bounds.in_flight_bytes_max) return std::nullopt;
  return exhausted("answers that clients do not read fill the memory; read them or retry later");
}

// -- out --------------------------------------------------------------------------------------

void http_connection::refuse(const status& why, int http_status) {
  send(error_response(why, http_status));
}

// Requests that came while there was room may fill the memory together with their answers. Those
// that fit into a socket are not in question.
bool http_connection::has_room_for(std::size_t size) const {
  const auto& shared = home_->shared();
  return size <= read_ahead_max ||
         (shared.unsent_bytes + size) / 2 <= shared.bounds.in_flight_bytes_max;
}

// Also when no request is under way: then it is the last thing that is said.
void http_connection::send(http_response response) {
  if (phase_ == phase::receiving) keep_alive_ = false;
  phase_ = phase::answering;
  if (auto last = std::exchange(current_, nullptr)) last->let_go();
  fallback_ = nullptr;
  if (home_->shared().stopping) keep_alive_ = false;

  if (!has_room_for(response.body.size())) {
    response = exhausted(
        "the request is done, but answers that clients do not read fill the memory and its own is "
        "dropped; ask again with the same idempotency-key to get it");
  }
  auto connection = !keep_alive_ ? "close" : http_1_0_ ? "keep-alive" : "";
  write_head(out_head_, response, home_->date(), connection);
  out_body_ = head_ ? std::string() : std::move(response.body);
  head_ = false;
  write_out(&http_connection::on_written);
}

// Writes out_head_ and out_body_, then calls `then`, perhaps at once.
void http_connection::write_out(void (http_connection::*then)(error_code)) {
  expire_at(steady_clock::now() + home_->shared().bounds.http_idle_max);

  // Nearly every answer fits into the socket at once.
  std::array<asio::const_buffer, 2> parts{asio::buffer(out_head_), asio::buffer(out_body_)};
  error_code error;
  auto sent = socket_.write_some(parts, error);
  if (error == asio::error::would_block || error == asio::error::try_again) error = {};
  if (error || sent == out_head_.size() + out_body_.size()) return (this->*then)(error);
  if (sent < out_head_.size()) {
    parts[0] += sent;
  } else {
    parts[1] += sent - out_head_.size();
    parts[0] = {};
  }
  unsent_bytes_.set(out_head_.size() + out_body_.size());
  asio::async_write(socket_, parts, [self = shared_from_this(), then](error_code e, std::size_t) {
    ((*self).*then)(e);
  });
}

void http_connection::on_written(error_code error) {
  if (phase_ == phase::closed) return;
  if (error) return close();
  unsent_bytes_.set(0);
  if (out_body_.capacity() > read_ahead_max) out_body_ = {};
  if (!keep_alive_) return linger();
  phase_ = phase::receiving;
  expire_at(steady_clock::now() + home_->shared().bounds.http_idle_max);
  after_answer();
}

// What came meanwhile is next. Inside take_in() its loop goes on by itself.
void http_connection::after_answer() {
  if (parsing_) return;
  if (!pending_.empty()) take_in("", 0);
  if (phase_ == phase::receiving && client_done_) return close();
  await_bytes();
}

// Closing while the client still sends would make TCP drop what it was told; so its bytes are read
// and thrown away until it has seen the end.
void http_connection::linger() {
  phase_ = phase::lingering;
  pending_ = {};
  parser_.reset();
  body_bytes_.set(0);
  if (client_done_) return close();
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  expire_at(steady_clock::now() + linger_max);
  await_bytes();
}

// -- time -------------------------------------------------------------------------------------

// Later is for free: the timer looks at expiry_ when it fires, and goes on if it is too early.
void http_connection::expire_at(time_point when) {
  expiry_ = when;
  if (when < armed_) await_expiry();
}

void http_connection::await_expiry() {
  armed_ = expiry_;
  timer_.expires_at(armed_);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->phase_ == phase::closed) return;
    self->armed_ = time_point::max();
    if (self->expiry_ == time_point::max()) return;
    if (self->expiry_ > steady_clock::now()) return self->await_expiry();
    self->on_expiry();
  });
}

void http_connection::on_expiry() {
  expiry_ = time_point::max();
  if (phase_ == phase::answering && stream_ && !stream_->is_writing) return on_pause();
  if (phase_ == phase::answering && current_ && fallback_) {
    auto late = std::exchange(fallback_, nullptr);
    current_->cancel();
    return send(late());
  }
  if (phase_ == phase::receiving && parser_) {
    return refuse({status_code::deadline_exceeded,
                   "the request was not complete within " +
                       std::to_string(home_->shared().bounds.http_idle_max.count()) + " ms"},
                  408);
  }
  close();
}

}  // namespace perdure::gateway
