// Health of the server over gRPC. gRPC's own service would keep its watchers, and so the server,
// waiting when the server is to stop; this one ends them.

#include "gateway/grpc_health.hpp"

#include "grpc/health/v1/health.pb.h"

namespace perdure::gateway {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// A service's name: nobody needs more.
constexpr std::size_t request_bytes_max = 64 << 10;

status no_message() {
  return {status_code::invalid_argument, "expected one grpc.health.v1.HealthCheckRequest"};
}

status stopping() { return {status_code::unavailable, "the server stops"}; }

grpc::ByteBuffer response(int serving_status) {
  HealthCheckResponse made;
  made.set_status(static_cast<HealthCheckResponse::ServingStatus>(serving_status));
  return to_buffer(made.SerializeAsString());
}

}  // namespace

class grpc_health::checking final : public unary_call {
 public:
  checking(const grpc_health& health, open_calls& calls, const grpc::GenericServerContext& context)
      : unary_call(calls, context), health_(health) {}

 private:
  void received() override {
    HealthCheckRequest request;
    if (auto parsed = parse(incoming(), request, request_bytes_max); !parsed.ok()) {
      return finish(parsed);
    }
    auto found = health_.status_of(request.service());
    if (found == HealthCheckResponse::SERVICE_UNKNOWN) {
      return finish(
          {status_code::not_found, "no service \"" + request.service() + "\" is served here"});
    }
    finish(response(found));
  }

  std::string expected() const override { return HealthCheckRequest::descriptor()->full_name(); }

  const grpc_health& health_;
};

class grpc_health::watching final : public grpc_reactor {
 public:
  explicit watching(grpc_health& health) : health_(health) {}

  void start() override {
    if (!health_.watchers_.enter(shared_from_this())) return finish(stopping());
    read();
  }

  void on_read(bool ok) override {
    if (!ok) return finish(no_message());
    HealthCheckRequest request;
    if (auto parsed = parse(incoming(), request, request_bytes_max); !parsed.ok()) {
      return finish(parsed);
    }
    std::lock_guard lock(mutex_);
    service_ = request.service();
    listening_ = true;
    tell();
  }

  void on_written(bool ok) override {
    if (!ok) return on_cancelled();
    std::lock_guard lock(mutex_);
    writing_ = false;
    tell();
    if (ending_ && !writing_) finish(stopping());
  }

  void on_done() override { health_.watchers_.leave(this); }

  // The health may be another than it was.
  void changed() {
    std::lock_guard lock(mutex_);
    tell();
  }

  // A status overtakes a message that is still being written, so that goes first.
  void end() {
    std::lock_guard lock(mutex_);
    ending_ = true;
    if (!writing_) finish(stopping());
  }

 private:
  // Only the newest status counts: what changed twice while a write was under way is told once.
  void tell() {
    if (!listening_ || writing_) return;
    auto now = health_.status_of(service_);
    if (now == told_) return;
    told_ = now;
    writing_ = true;
    write(response(now));
  }

  grpc_health& health_;
  std::mutex mutex_;
  std::string service_;
  bool listening_ = false;  // the service is known
  bool writing_ = false;
  bool ending_ = false;
  int told_ = -1;
};

grpc_health::grpc_health(const service_catalog& catalog) : services_{""} {
  for (const auto* service : catalog.services()) services_.insert(service->full_name());
}

std::shared_ptr<grpc_reactor> grpc_health::check(open_calls& calls,
                                                 const grpc::GenericServerContext& context) {
  return std::make_shared<checking>(*this, calls, context);
}

std::shared_ptr<grpc_reactor> grpc_health::watch() { return std::make_shared<watching>(*this); }

int grpc_health::status_of(const std::string& service) const {
  if (!services_.contains(service)) return HealthCheckResponse::SERVICE_UNKNOWN;
  std::lock_guard lock(mutex_);
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void grpc_health::set_serving(bool serving) {
  {
    std::lock_guard lock(mutex_);
    serving_ = serving;
  }
  for (const auto& watcher : watchers_.all()) static_cast<watching&>(*watcher).changed();
}

void grpc_health::end() {
  set_serving(false);
  for (const auto& watcher : watchers_.end()) static_cast<watching&>(*watcher).end();
}

}  // namespace perdure::gateway
