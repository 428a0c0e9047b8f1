// TLS to a Redis: OpenSSL over a connection that never blocks, so that each wait ends in time.
// Its own BIO, since OpenSSL's would raise SIGPIPE where the other side has gone.

#include "persistence/redis_tls_socket.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string>
#include <utility>

namespace perdure::persistence {
namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using tls_context = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using tls_session = std::unique_ptr<SSL, freed_by<SSL_free>>;

int length_of(std::size_t count) {
  return static_cast<int>(std::min<std::size_t>(count, std::numeric_limits<int>::max()));
}

// ------------------------------------------------------------------------------- OpenSSL over TCP

redis_tcp& below(BIO* bio) { return *static_cast<redis_tcp*>(BIO_get_data(bio)); }

int bio_write(BIO* bio, const char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  auto sent = below(bio).try_send(bytes, static_cast<std::size_t>(count));
  if (sent < 0 && errno == EAGAIN) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* to, int room) {
  BIO_clear_retry_flags(bio);
  auto received = below(bio).try_receive(to, static_cast<std::size_t>(room));
  if (received < 0 && errno == EAGAIN) BIO_set_retry_read(bio);
  return static_cast<int>(received);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* bio_method() {
  static BIO_METHOD* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "perdure redis");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

// ---------------------------------------------------------------------------------------- reasons

// The newest reason OpenSSL gives on this thread.
std::string reason() {
  auto error = ERR_peek_last_error();
  ERR_clear_error();
  const auto* text = error == 0 ? nullptr : ERR_reason_error_string(error);
  return text == nullptr ? "no reason given" : text;
}

status unusable(const std::string& what) {
  return {status_code::failed_precondition, "TLS: " + what};
}

status unreadable(const std::filesystem::path& file, const char* what) {
  return unusable(file.string() + " cannot be used as " + what + " (" + reason() + ")");
}

// ------------------------------------------------------------------------------------- the stream

class tls_socket final : public redis_socket {
 public:
  explicit tls_socket(redis_tcp tcp) : tcp_(std::make_unique<redis_tcp>(std::move(tcp))) {}

  status prepare(const redis_endpoint& where);
  status handshake(time_point until);

  status write(std::string_view bytes, time_point until) override {
    while (!bytes.empty()) {
      auto written = repeat(
          [&] { return SSL_write(session(), bytes.data(), length_of(bytes.size())); }, until);
      if (!written) return written.error();
      bytes.remove_prefix(static_cast<std::size_t>(*written));
    }
    return {};
  }

  result<std::size_t> read(char* to, std::size_t room, time_point until) override {
    auto received = repeat([&] { return SSL_read(session(), to, length_of(room)); }, until);
    if (!received) return received.error();
    return static_cast<std::size_t>(*received);
  }

 private:
  SSL* session() { return session_.get(); }

  // Calls `once()` until it has done something, waiting for what it wants in between.
  template <class Call>
  result<int> repeat(Call once, time_point until) {
    while (true) {
      ERR_clear_error();
      errno = 0;
      auto done = once();
      if (done > 0) return done;
      status ready;
      switch (SSL_get_error(session(), done)) {
        case SSL_ERROR_WANT_READ:
          ready = tcp_->wait_to_receive(until);
          break;
        case SSL_ERROR_WANT_WRITE:
          ready = tcp_->wait_to_send(until);
          break;
        case SSL_ERROR_SYSCALL:
          if (errno != 0) return redis_connection_lost(errno);
          [[fallthrough]];
        case SSL_ERROR_ZERO_RETURN:
          return status(status_code::unavailable, "the connection was closed by the other side");
        default:
          return status(status_code::unavailable, "TLS: " + reason());
      }
      if (!ready.ok()) return ready;
    }
  }

  std::unique_ptr<redis_tcp> tcp_;  // its place is known to the session
  tls_context context_;
  tls_session session_;
};

// What is to be proven to us and by us.
status tls_socket::prepare(const redis_endpoint& where) {
  const auto& tls = *where.tls;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_) return unusable("OpenSSL cannot be used (" + reason() + ")");
  auto* context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (tls.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_locations(context, tls.ca_file.c_str(), nullptr) != 1) {
    return unreadable(tls.ca_file, "the certificates to trust");
  }
  if (!tls.certificate.empty() &&
      SSL_CTX_use_certificate_chain_file(context, tls.certificate.c_str()) != 1) {
    return unreadable(tls.certificate, "our certificate");
  }
  if (!tls.key.empty() &&
      SSL_CTX_use_PrivateKey_file(context, tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unreadable(tls.key, "the key of our certificate");
  }

  session_.reset(SSL_new(context));
  auto* bio = BIO_new(bio_method());
  if (!session_ || bio == nullptr) return unusable("OpenSSL cannot be used (" + reason() + ")");
  BIO_set_data(bio, tcp_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(session(), bio, bio);  // it owns both now, which are one

  const auto& name = tls.server_name.empty() ? where.host : tls.server_name;
  // An address stands in a certificate as an address, and is not sent as a name.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session()), name.c_str()) != 1) {
    ERR_clear_error();
    if (SSL_set1_host(session(), name.c_str()) != 1 ||
        SSL_set_tlsext_host_name(session(), name.c_str()) != 1) {
      return unusable("\"" + name + "\" is no name of a server (" + reason() + ")");
    }
  }
  return {};
}

status tls_socket::handshake(time_point until) {
  auto shaken = repeat([this] { return SSL_connect(session()); }, until);
  if (shaken) return {};
  if (auto verified = SSL_get_verify_result(session()); verified != X509_V_OK) {
    return unusable("the server's certificate does not hold: " +
                    std::string(X509_verify_cert_error_string(verified)) +
                    "; look at the CA file and the server name");
  }
  return {shaken.error().code(), "no TLS with it: " + shaken.error().message()};
}

}  // namespace

result<std::unique_ptr<redis_socket>> open_redis_tls_socket(redis_tcp below,
                                                            const redis_endpoint& where,
                                                            redis_socket::time_point until) {
  auto opened = std::make_unique<tls_socket>(std::move(below));
  if (auto prepared = opened->prepare(where); !prepared.ok()) return prepared;
  if (auto shaken = opened->handshake(until); !shaken.ok()) return shaken;
  return std::unique_ptr<redis_socket>(std::move(opened));
}

}  // namespace perdure::persistence
