// Streams over HTTP: replies to lines of JSON or server-sent events. Before:
// gateway/http_endpoint.cpp. Next: gateway/command_endpoint.cpp; the way back:
// gateway/http_connection_stream.cpp.

#include "gateway/http_stream_call.hpp"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include <string_view>
#include <utility>

#include "gateway/http_error.hpp"
#include "gateway/http_event_ids.hpp"
#include "gateway/http_transcoding.hpp"

namespace perdure::gateway {
namespace {

// How a reply, and the end, look in the body.
struct stream_format {
  bool is_events;  // server-sent events; else lines of JSON

  http_stream head() const {
    http_stream how;
    how.head.content_type = is_events ? "text/event-stream" : "application/x-ndjson";
    // Between us and the client nobody is to keep it, nor to wait for more of it (nginx).
    how.head.headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
    if (is_events) how.idle_part = ": keep-alive\n\n";
    return how;
  }

  http_part element(const http_event_ids& ids, const std::string& encoded,
                    const std::string& json) const {
    if (!is_events) return {.bytes = json + "\n"};
    return {.bytes = ids.line_of(encoded) + "data: " + json + "\n\n"};
  }

  http_part last(const status& why) const {
    if (why.ok()) {
      // Else a browser's EventSource would take the end for a lost connection, and begin anew.
      return {.bytes = is_events ? "event: end\ndata: {}\n\n" : "", .next = http_part::then::end};
    }
    auto error = error_response(why);
    auto line = is_events ? "event: error\ndata: " + error.body + "\n\n"
                          : "{\"error\":" + error.body + "}\n";
    return {std::move(line), http_part::then::break_off, std::move(error)};
  }
};

// Whether server-sent events are among what is accepted: "text/event-stream, */*;q=0.1".
bool accepts_events(const perdure::metadata& headers) {
  auto [first, last] = headers.equal_range("accept");
  for (; first != last; ++first) {
    absl::string_view rest = first->second;
    while (!rest.empty()) {
      auto one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      auto type = absl::StripAsciiWhitespace(one.substr(0, one.find(';')));
      if (absl::EqualsIgnoreCase(type, "text/event-stream")) return true;
    }
  }
  return false;
}

// The handler may speak from any thread; all the rest happens on the connection's.
class http_stream_call final : public actors::stream_caller,
                               public std::enable_shared_from_this<http_stream_call> {
 public:
  http_stream_call(std::shared_ptr<http_exchange> exchange, const http_route& route,
                   stream_format format, command_endpoint::stream_place place)
      : exchange_(std::move(exchange)),
        route_(route),
        ids_(*route.method),
        format_(format),
        place_(std::move(place)) {}

  void open(actors::stream_request what, const command_endpoint& endpoint) {
    auto how = format_.head();
    how.taken = [self = shared_from_this()] {
      if (self->handler_) self->handler_->written();
    };
    how.stop = [self = shared_from_this()](const status& why) { self->break_off(why); };
    exchange_->stream(std::move(how));
    auto opened = endpoint.open(std::move(what), shared_from_this());
    if (closed_) return opened->cancel();  // nobody could until now
    handler_ = std::move(opened);
  }

  void want_request() override {}  // it has its one

  void reply(std::string encoded) override {
    exchange_->send([self = shared_from_this(), encoded = std::move(encoded)] {
      auto json = reply_json(self->route_, encoded);
      if (json.ok()) return self->format_.element(self->ids_, encoded, *json);
      if (auto from = self->let_go()) from->cancel();
      return self->format_.last(json.error());
    });
  }

  void end(status why) override {
    exchange_->send([self = shared_from_this(), why = std::move(why)] {
      self->let_go();
      return self->format_.last(why);
    });
  }

 private:
  void break_off(const status& why) {
    if (auto from = let_go()) from->cancel();
    exchange_->send([format = format_, why] { return format.last(why); });
  }

  std::shared_ptr<actors::action_stream> let_go() {
    closed_ = true;
    place_.reset();
    return std::exchange(handler_, nullptr);
  }

  const std::shared_ptr<http_exchange> exchange_;
  const http_route& route_;
  const http_event_ids ids_;
  const stream_format format_;
  command_endpoint::stream_place place_;
  std::shared_ptr<actors::action_stream> handler_;  // null before it is open, and once closed
  bool closed_ = false;
};

}  // namespace

void serve_stream(std::shared_ptr<http_exchange> exchange, const http_route& route,
                  received_call call, const command_endpoint& endpoint) {
  stream_format format{accepts_events(call.metadata)};
  if (format.is_events) http_event_ids(*route.method).read(call.metadata);
  auto place = endpoint.enter_stream();
  if (!place.ok()) return exchange->answer(error_response(place.error()));
  auto made = endpoint.stream_of(std::move(call));
  if (!made.ok()) return exchange->answer(error_response(made.error()));
  auto stream = std::make_shared<http_stream_call>(exchange, route, format, *std::move(place));
  stream->open(*std::move(made), endpoint);
}

}  // namespace perdure::gateway
