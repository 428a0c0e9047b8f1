// Command path: gRPC's listener. Next: gateway/grpc_call.cpp.
//
// One generic service takes every call, whatever its name, and gives it to the reactor that serves
// it. So no generated service code is needed, and modules loaded at start are served like others.

#include "gateway/grpc_server.hpp"

#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "gateway/grpc_call.hpp"
#include "gateway/grpc_health.hpp"
#include "gateway/grpc_loop.hpp"
#include "gateway/grpc_reflection.hpp"
#include "gateway/grpc_stream_call.hpp"

namespace perdure::gateway {
namespace {

// Ends a call that nothing here serves.
class refusing final : public grpc_reactor {
 public:
  explicit refusing(status why) : why_(std::move(why)) {}
  void start() override { finish(why_); }

 private:
  status why_;
};

status no_such_method(std::string_view path, const service_catalog& catalog) {
  auto slash = std::min(path.rfind('/'), path.size());
  std::string service(path.substr(0, slash));
  if (service.starts_with('/')) service.erase(0, 1);
  std::string method(path.substr(std::min(slash + 1, path.size())));
  auto known = std::ranges::any_of(catalog.services(),
                                   [&](const auto* s) { return s->full_name() == service; });
  return {status_code::unimplemented,
          known ? "service " + service + " has no method \"" + method + "\""
                : "no service \"" + service + "\" is served here (method \"" + method + "\")"};
}

// Calls by name.
class dispatcher {
 public:
  dispatcher(const grpc_server::settings& with, const service_catalog& catalog,
             const command_endpoint& endpoint, const limits& bounds)
      : authorize_(with.authorize),
        catalog_(catalog),
        endpoint_(endpoint),
        message_bytes_max_(bounds.message_bytes_max),
        calls_(bounds.call_deadline),
        replies_(bounds.in_flight_bytes_max),
        health_(catalog),
        reflection_(catalog) {}

  std::shared_ptr<grpc_reactor> reactor_for(const grpc::GenericServerContext& context) {
    if (authorize_) {
      auto may = authorize_(metadata_of(context));
      if (!may.ok()) return std::make_shared<refusing>(std::move(may));
    }
    const auto& path = context.method();
    if (const auto* method = catalog_.find(path)) {
      if (!method->is_unary()) return serve_stream(*method, endpoint_, calls_, replies_, context);
      return serve_call(*method, endpoint_, calls_, replies_, context, message_bytes_max_);
    }
    if (path == path_of(grpc_health::name, "Check")) return health_.check(calls_, context);
    if (path == path_of(grpc_health::name, "Watch")) return health_.watch();
    if (path == path_of(grpc_reflection::name, "ServerReflectionInfo") ||
        path == path_of(grpc_reflection::name_alpha, "ServerReflectionInfo")) {
      return reflection_.serve();
    }
    return std::make_shared<refusing>(no_such_method(path, catalog_));
  }

  open_calls& calls() { return calls_; }
  grpc_health& health() { return health_; }
  grpc_reflection& reflection() { return reflection_; }

 private:
  static std::string path_of(std::string_view service, std::string_view method) {
    return "/" + std::string(service) + "/" + std::string(method);
  }

  const std::function<status(const perdure::metadata&)> authorize_;
  const service_catalog& catalog_;
  const command_endpoint& endpoint_;
  std::size_t message_bytes_max_;
  open_calls calls_;
  unsent_replies replies_;
  grpc_health health_;
  grpc_reflection reflection_;
};

// Waits for one call to come, then for the next. Owns itself; ends when the server is shut down.
class arrival final : public grpc_event {
 public:
  static void await(dispatcher& served, grpc::AsyncGenericService& calls, grpc_loop& loop) {
    new arrival(served, calls, loop);
  }

  void happened(bool ok) override {
    std::unique_ptr<arrival> owned(this);
    if (!ok) return;
    await(served_, calls_, stream_->in.loop);
    served_.reactor_for(stream_->context)->begin(std::move(stream_));
  }

 private:
  arrival(dispatcher& served, grpc::AsyncGenericService& calls, grpc_loop& loop)
      : served_(served), calls_(calls), stream_(std::make_unique<grpc_stream>(loop)) {
    auto& queue = loop.queue();
    stream_->context.AsyncNotifyWhenDone(&stream_->end);
    calls_.RequestCall(&stream_->context, &stream_->messages, &queue, &queue, this);
  }

  dispatcher& served_;
  grpc::AsyncGenericService& calls_;
  std::unique_ptr<grpc_stream> stream_;
};

// Calls that a loop lets come before it has looked at the first of them.
constexpr int arrivals_per_loop = 16;

// Any of gRPC's threads may find what any connection sent, and wakes the loop that it is for: more
// than one loop pays only where there are cores for all of them.
std::size_t loop_count() { return std::clamp(std::thread::hardware_concurrency() / 4, 1u, 16u); }

// While it starts, what goes wrong is told by the status.
void log_of_starting_grpc(gpr_log_func_args* entry) {
  log(log_level::debug, std::string("grpc: ") + entry->message);
}

// gRPC calls errors also what a client can cause, so none is more than a warning.
void log_of_grpc(gpr_log_func_args* entry) {
  log(entry->severity == GPR_LOG_SEVERITY_ERROR ? log_level::warning : log_level::debug,
      std::string("grpc: ") + entry->message);
}

// Of protobuf only what it says of bytes that came from clients is heard here, and the clients are
// told it by a status.
void log_of_protobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  log(log_level::debug, "protobuf: " + message);
}

int as_int(std::size_t bytes) { return static_cast<int>(std::min<std::size_t>(bytes, INT_MAX)); }

void set_bounds(grpc::ServerBuilder& builder, const limits& bounds) {
  // As it comes; what is compressed is unpacked by grpc_inflate, under the same bound.
  builder.SetMaxReceiveMessageSize(as_int(bounds.message_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);

  // Past this gRPC may close the connection, with all its calls, in the middle of the headers. So
  // it is well above our bound, which has a clear answer.
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, as_int(bounds.metadata_bytes_max * 4));

  // Nothing that we send is compressed, and nobody asks for statistics of connections.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);

  // Calls of one connection at a time; more wait at the client.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1024);

  // What gRPC may hold: messages on their way in and out, and as much for connections.
  grpc::ResourceQuota quota("perdure");
  quota.Resize(bounds.in_flight_bytes_max * 2);
  builder.SetResourceQuota(quota);

  // Peers that vanished without a word, or never said one, are noticed and dropped.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 20'000);
}

std::string address_of(const grpc_server::settings& where) {
  bool is_ipv6 = where.host.find(':') != where.host.npos;
  return (is_ipv6 ? "[" + where.host + "]" : where.host) + ":" + std::to_string(*where.port);
}

}  // namespace

class grpc_server::running {
 public:
  running(const settings& with, const service_catalog& catalog, const command_endpoint& endpoint,
          const limits& bounds)
      : served(with, catalog, endpoint, bounds) {}

  dispatcher served;
  grpc::AsyncGenericService calls;
  std::vector<std::unique_ptr<grpc_loop>> loops;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::mutex taking;
  bool takes_no_more = false;
  std::mutex stopping;
  bool stopped = false;
  bool all_answered = true;
};

result<std::unique_ptr<grpc_server>> grpc_server::start(const settings& where,
                                                        const service_catalog& catalog,
                                                        const command_endpoint& endpoint,
                                                        const limits& bounds) {
  // Debian builds it with the search for deadlocks on, which costs gRPC a global lock each time it
  // takes one of its own.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  gpr_set_log_function(log_of_starting_grpc);
  google::protobuf::SetLogHandler(log_of_protobuf);
  auto made = std::make_unique<running>(where, catalog, endpoint, bounds);
  grpc::ServerBuilder builder;
  set_bounds(builder, bounds);
  // Two processes on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (where.port) {
    builder.AddListeningPort(address_of(where), grpc::InsecureServerCredentials(), &made->port);
  }
  builder.RegisterAsyncGenericService(&made->calls);
  for (std::size_t i = 0; i < loop_count(); ++i) {
    made->loops.push_back(std::make_unique<grpc_loop>(builder.AddCompletionQueue()));
  }
  made->server = builder.BuildAndStart();
  if (!made->server || (where.port && made->port == 0)) made.reset();
  gpr_set_log_function(log_of_grpc);
  if (!made && !where.port) {
    return status(status_code::unavailable, "gRPC cannot be started");
  }
  if (!made) {
    return status(status_code::unavailable,
                  "cannot listen on " + address_of(where) +
                      ": it is taken, or not an address of this machine. Stop what listens there "
                      "or choose another port with --grpc-port");
  }
  for (auto& loop : made->loops) {
    for (int i = 0; i < arrivals_per_loop; ++i) arrival::await(made->served, made->calls, *loop);
    loop->start();
  }
  return std::unique_ptr<grpc_server>(new grpc_server(std::move(made)));
}

grpc_server::grpc_server(std::unique_ptr<running> started) : running_(std::move(started)) {}

grpc_server::~grpc_server() { stop(std::chrono::milliseconds{0}); }

int grpc_server::port() const { return running_->port; }

void grpc_server::take(int descriptor) {
  std::lock_guard lock(running_->taking);
  if (running_->takes_no_more) {
    ::close(descriptor);
  } else {
    grpc::AddInsecureChannelFromFd(running_->server.get(), descriptor);
  }
}

void grpc_server::set_serving(bool serving) { running_->served.health().set_serving(serving); }

bool grpc_server::stop(std::chrono::milliseconds grace) {
  std::lock_guard lock(running_->stopping);
  if (running_->stopped) return running_->all_answered;
  running_->stopped = true;
  {
    std::lock_guard taking(running_->taking);
    running_->takes_no_more = true;
  }
  auto& calls = running_->served.calls();
  calls.end(std::chrono::steady_clock::now() + grace);
  running_->served.health().end();
  running_->served.reflection().end();
  // gRPC tells clients to go elsewhere, waits for the calls that are there, cancels the rest at the
  // deadline, and returns once every call is done.
  running_->server->Shutdown(std::chrono::system_clock::now() + grace);
  running_->loops.clear();
  running_->all_answered = calls.unanswered() == 0;
  return running_->all_answered;
}

}  // namespace perdure::gateway
