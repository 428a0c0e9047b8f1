// Command path over HTTP: finds the route, makes the message, hands the call on. Before:
// gateway/http_connection.cpp. Next: gateway/command_endpoint.cpp.

#include "gateway/http_endpoint.hpp"

#include <charconv>

#include "base/ascii.hpp"
#include "base/log_position.hpp"
#include "base/media_type.hpp"
#include "gateway/http_error.hpp"
#include "gateway/http_json.hpp"
#include "gateway/http_prefer.hpp"
#include "gateway/http_scalar.hpp"
#include "gateway/http_stream_call.hpp"
#include "gateway/http_transcoding.hpp"
#include "gateway/http_uri.hpp"

namespace perdure::gateway {
namespace {

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

// Whether the body is to be read as JSON. What names no type, or the one that `curl -d` sends
// unasked, counts as JSON too, but not from a browser: that lets a page of any site post such
// things to this port. It asks first where the type is JSON, and it says in `Origin` that it is
// one.
bool is_json(const perdure::metadata& headers) {
  auto type = media_type_of(first_value(headers, "content-type")).essence;
  if (type == "application/json") return true;
  bool harmless = type.empty() || type == "application/x-www-form-urlencoded";
  return harmless && !headers.contains("origin");
}

http_response nothing_served(std::string_view method, std::string_view path,
                             const std::string& allowed) {
  auto asked = std::string(method) + " " + std::string(path.substr(0, 200));
  if (allowed.empty()) {
    return error_response({status_code::not_found, "no rpc is served at " + asked});
  }
  if (method == "OPTIONS") return {204, {}, {}, {{"Allow", allowed}}};
  auto response = error_response(
      {status_code::unimplemented, "no rpc is served at " + asked + ", but with " + allowed}, 405);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

// Why the body cannot be read, or ok.
status check_body(const http_request& request) {
  // A command without a body is a command too: of the methods that a foreign page may use, only
  // POST can be one.
  bool from_page = request.method == "POST" && request.headers.contains("origin");
  if (request.body.empty() && !from_page) return {};
  if (!is_json(request.headers)) {
    return invalid("send the header content-type: application/json with the body, got " +
                   json_quoted(first_value(request.headers, "content-type")));
  }
  auto coding = first_value(request.headers, "content-encoding");
  if (!coding.empty() && lower_case(coding) != "identity") {
    return invalid("content-encoding " + json_quoted(coding) + " is not read: send plain JSON");
  }
  return {};
}

// Headers named so hold bytes, which travel as base64.
status decode_binary_headers(perdure::metadata& headers) {
  for (auto& [name, value] : headers) {
    if (!name.ends_with("-bin")) continue;
    auto decoded = base64_decoded(value);
    if (!decoded) return invalid("header " + name + " must be base64, as its name ends in -bin");
    value = *std::move(decoded);
  }
  return {};
}

// What every response to a call depends on.
struct answered_call {
  const http_route& route;
  std::string command_id;  // of a command that goes by the mailbox
  bool sent;
  bool preferred;  // it is sent because of Prefer

  http_response with_id(http_response response) const {
    if (!command_id.empty()) response.headers.emplace_back(command_id_header, command_id);
    return response;
  }

  http_response accepted() const {
    http_response response{202, "{\"commandId\":" + json_quoted(command_id) + "}"};
    response.headers.emplace_back("Location", "/commands/" + command_id);
    if (preferred) response.headers.emplace_back("Preference-Applied", "respond-async");
    return response;
  }

  http_response response_to(const actors::outcome& done) const {
    if (!done.result.ok()) return with_id(error_response(done.result));
    if (sent) return with_id(accepted());
    auto json = reply_json(route, done.reply);
    if (!json) return with_id(error_response(json.error()));
    http_response response{200, *std::move(json)};
    if (!done.positions.empty()) response.headers.emplace_back(position_header, done.positions);
    return with_id(std::move(response));
  }

  http_response too_late() const {
    if (route.method->is_of_view()) {
      return error_response({status_code::deadline_exceeded,
                             "no answer within the deadline; ask for less, or give it more time "
                             "(grpc-timeout)"});
    }
    auto remedy = command_id.empty() ? "ask again with the same idempotency-key to learn it"
                                     : "GET /commands/" + command_id + " tells it";
    return with_id(error_response(
        {status_code::deadline_exceeded,
         "no outcome within the deadline: the command may still take effect; " + remedy}));
  }
};

}  // namespace

result<std::chrono::milliseconds> parse_grpc_timeout(std::string_view text) {
  using namespace std::chrono;
  std::int64_t count = 0;
  auto digits = text.substr(0, text.empty() ? 0 : text.size() - 1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  bool number = error == std::errc{} && end == digits.data() + digits.size() && digits.size() <= 8;
  if (number && count > 0) {
    switch (text.back()) {
      case 'H':
        return milliseconds(hours(count));
      case 'M':
        return milliseconds(minutes(count));
      case 'S':
        return milliseconds(seconds(count));
      case 'm':
        return milliseconds(count);
      case 'u':
        return ceil<milliseconds>(microseconds(count));
      case 'n':
        return ceil<milliseconds>(nanoseconds(count));
      default:
        break;
    }
  }
  return invalid(
      "grpc-timeout must be one to eight digits, not all zero, and one of H M S m u n, "
      "as in \"5S\" or \"200m\"; got " +
      json_quoted(text.substr(0, 100)));
}

http_endpoint::http_endpoint(const http_routes& routes, const command_endpoint& endpoint,
                             const clock& clock, const limits& bounds)
    : routes_(routes), endpoint_(endpoint), clock_(clock), call_deadline_(bounds.call_deadline) {}

void http_endpoint::operator()(std::shared_ptr<http_exchange> exchange) const {
  auto& request = exchange->request();
  if (request.target == "*" && request.method == "OPTIONS") {
    return exchange->answer(
        {204, {}, {}, {{"Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"}}});
  }
  auto [path, query] = split_target(request.target);
  auto found = routes_.find(request.method, path);
  if (!found.route) return exchange->answer(nothing_served(request.method, path, found.allowed));
  if (auto s = check_body(request); !s.ok()) return exchange->answer(error_response(s, 415));
  serve(std::move(exchange), std::move(found), query);
}

void http_endpoint::serve(std::shared_ptr<http_exchange> exchange, http_routes::match found,
                          std::string_view query) const {
  const auto& route = *found.route;
  auto& request = exchange->request();
  auto refuse = [&](const status& why) { exchange->answer(error_response(why)); };
  if (route.method->streams_in()) {
    return refuse({status_code::unimplemented,
                   route.method->method->full_name() +
                       " streams its requests, and a request of HTTP is one: call it over gRPC"});
  }

  auto message = request_of(route, found.segments, query, request.body);
  if (!message) return refuse(message.error());
  if (auto s = decode_binary_headers(request.headers); !s.ok()) return refuse(s);

  received_call made{};
  made.method = route.method;
  made.request_bytes = (*message)->ByteSizeLong();
  made.request = *std::move(message);
  made.deadline = timestamp::max();
  auto timeout = call_deadline_;
  if (auto named = request.headers.find("grpc-timeout"); named != request.headers.end()) {
    auto parsed = parse_grpc_timeout(named->second);
    if (!parsed) return refuse(parsed.error());
    timeout = *parsed;
    made.deadline = clock_.now() + timeout;
  }
  if (route.method->streams_out()) {
    made.metadata = std::move(request.headers);
    return serve_stream(std::move(exchange), route, std::move(made), endpoint_);
  }
  made.prefers_sending = prefers_respond_async(request.headers);
  bool preferred = made.prefers_sending;
  made.metadata = std::move(request.headers);
  made.cancelled = {exchange, &exchange->is_cancelled()};
  auto command = endpoint_.command_of(std::move(made));
  if (!command) return refuse(command.error());

  bool sent = command->way == actors::delivery::sent;
  answered_call call{route, command->command_id, sent, sent && preferred};
  exchange->answer_after(timeout, [call] { return call.too_late(); });
  command->reply = [exchange, call = std::move(call)](actors::outcome done) {
    exchange->answer([call, done = std::move(done)] { return call.response_to(done); });
  };
  endpoint_.submit(*std::move(command));
}

}  // namespace perdure::gateway
