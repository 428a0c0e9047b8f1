#pragma once

#include <memory>

#include "apps/runtime/admin_endpoint.hpp"
#include "apps/runtime/admin_service.hpp"
#include "apps/runtime/admin_token.hpp"
#include "apps/runtime/settings.hpp"
#include "base/clock.hpp"

// The one port of administration: health and figures for everybody, perdure.admin.v1 over HTTP/JSON
// and gRPC for who has the token. Which of the two a connection speaks is seen by its first bytes.

namespace perdure::runtime {

class admin_port {
 public:
  struct parts {
    std::function<bool()> serving;
    warnings amiss;
    std::vector<gauge> gauges;
    administered what;
    const perdure::clock& clock;  // outlives the port
  };

  // Listens and serves at once.
  //   UNAVAILABLE  the address cannot be listened on
  //   others       as of admin_token::open()
  static result<std::unique_ptr<admin_port>> start(const settings& with, parts of);

  ~admin_port();  // stop()

  int port() const;

  // Ends what is under way; nothing of it runs after that.
  void stop();

 private:
  class running;
  explicit admin_port(std::unique_ptr<running> started);
  std::unique_ptr<running> running_;
};

}  // namespace perdure::runtime
