// Streams over HTTP: answers in parts, each a chunk. Before: gateway/http_stream_call.cpp.
//
// The handler has one part under way at a time, and waits until the socket has taken it: a client
// that reads slowly slows it down. Beside it there may be a part that keeps the connection alive.

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "gateway/http_connection_exchange.hpp"
#include "gateway/http_head.hpp"

namespace perdure::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;
using then = http_part::then;

std::string hex(std::size_t number) {
  char text[16];
  auto end = std::to_chars(text, text + sizeof text, number, 16).ptr;
  return {text, end};
}

}  // namespace

void http_connection::begin_stream(http_stream how) {
  stream_.emplace();
  stream_->head = std::move(how.head);
  stream_->idle_part = std::move(how.idle_part);
  watch_peer();
  expire_at(steady_clock::now() + home_->shared().bounds.http_idle_max / 4);
}

// A client that has vanished without a word is noticed though there is nothing to tell it.
void http_connection::watch_peer() {
  auto seconds_max = std::chrono::ceil<std::chrono::seconds>(home_->shared().bounds.http_idle_max);
  auto quiet = static_cast<int>(std::min<std::int64_t>(seconds_max.count(), 3600));
  error_code ignored;
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  for (auto [option, value] :
       {std::pair{TCP_KEEPIDLE, quiet}, {TCP_KEEPINTVL, 10}, {TCP_KEEPCNT, 3}}) {
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  }
}

void http_connection::send_part(http_part part) {
  if (phase_ != phase::answering || !stream_) return;
  if (part.next != then::more) std::exchange(current_, nullptr)->let_go();
  if (stream_->is_writing) return void(stream_->waiting = std::move(part));
  write_part(std::move(part), true);
}

void http_connection::write_part(http_part part, bool is_asked_for) {
  if (!stream_->has_begun && part.instead) {
    stream_.reset();
    return send(*std::move(part.instead));
  }
  if (auto unread = current_; unread && !has_room_for(part.bytes.size())) {
    return unread->stop({status_code::resource_exhausted,
                         "answers that clients do not read fill the memory: read faster, or ask "
                         "again later"});
  }
  // Who asks for the head alone has it now.
  auto unheard = head_ ? std::exchange(current_, nullptr) : nullptr;
  if (unheard) unheard->detach();
  frame(part);
  stream_->is_writing = true;
  stream_->is_asked_for = is_asked_for;
  write_out(&http_connection::on_part_written);
  if (unheard) unheard->cancel();
}

// Makes out_head_ and out_body_ of the part.
void http_connection::frame(http_part& part) {
  auto& s = *stream_;
  out_head_.clear();
  if (!std::exchange(s.has_begun, true)) {
    s.is_chunked = !http_1_0_;
    keep_alive_ = keep_alive_ && s.is_chunked;
    write_head(out_head_, s.head, home_->date(), keep_alive_ ? "" : "close",
               s.is_chunked ? http_framing::chunks : http_framing::end_of_connection);
  }
  s.next = head_ ? then::end : part.next;
  if (s.next == then::break_off) keep_alive_ = false;
  out_body_ = head_ ? std::string() : std::move(part.bytes);
  if (head_ || !s.is_chunked) return;
  if (!out_body_.empty()) {
    out_head_ += hex(out_body_.size()) + "\r\n";
    out_body_ += "\r\n";
  }
  if (s.next == then::end) out_body_ += "0\r\n\r\n";
}

void http_connection::on_part_written(error_code error) {
  if (phase_ == phase::closed) return;
  if (error) return close();
  auto& s = *stream_;
  if (s.next != then::more) {
    stream_.reset();
    head_ = false;
    return on_written({});
  }
  unsent_bytes_.set(0);
  s.is_writing = false;
  expire_at(steady_clock::now() + home_->shared().bounds.http_idle_max / 4);
  if (s.is_asked_for && current_) current_->taken();
  if (auto next = std::exchange(s.waiting, std::nullopt)) write_part(*std::move(next), true);
}

// The client hears that it is still served.
void http_connection::on_pause() {
  if (stream_->has_begun && stream_->idle_part.empty()) return;
  write_part({.bytes = stream_->idle_part}, false);
}

}  // namespace perdure::gateway
