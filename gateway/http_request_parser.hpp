#pragma once

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "gateway/http_server.hpp"

namespace perdure::gateway {

// One request, from bytes to http_request without a detour over Beast's own containers. Pulls in
// Beast, so only gateway/http_*.cpp include it.
class http_request_parser final : public boost::beast::http::basic_parser<true> {
 public:
  explicit http_request_parser(const limits& bounds) {
    header_limit(static_cast<std::uint32_t>(bounds.metadata_bytes_max));
    body_limit(bounds.message_bytes_max);
    eager(true);
  }

  http_request& request() { return request_; }
  bool has_body_bytes() const { return !request_.body.empty(); }
  bool is_http_1_0() const { return version_ < 11; }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, string_view method, string_view target,
                       int version, error_code&) override {
    version_ = version;
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
  }

  void on_field_impl(boost::beast::http::field, string_view name, string_view value,
                     error_code&) override {
    // Trailers come after the body; nobody asked for them and no header may hide there.
    if (is_header_done()) return;
    std::string lowered(name.data(), name.size());
    for (char& c : lowered) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    request_.headers.emplace(std::move(lowered), std::string(value.data(), value.size()));
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    // Not more than has to come anyway: a length alone reserves no memory worth speaking of.
    if (length) request_.body.reserve(std::min<std::uint64_t>(*length, 64 << 10));
  }

  std::size_t on_body_impl(string_view bytes, error_code&) override {
    request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
    request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_header_impl(error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}

  http_request request_;
  int version_ = 11;
};

}  // namespace perdure::gateway
