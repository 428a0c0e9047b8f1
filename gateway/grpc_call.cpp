// Command path, gRPC's way in. Before: gateway/grpc_server.cpp. Next: gateway/command_endpoint.cpp.
//
// One object per call. The reply may come inside submit(), later from any thread, or after the
// caller has gone; the command holds this object until then.

#include "gateway/grpc_call.hpp"

#include <atomic>
#include <utility>

namespace perdure::gateway {
namespace {

timestamp deadline_of(const grpc::GenericCallbackServerContext& context) {
  auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return timestamp::max();
  return std::chrono::floor<std::chrono::milliseconds>(deadline);
}

perdure::metadata metadata_of(const grpc::GenericCallbackServerContext& context) {
  perdure::metadata entries;
  for (const auto& [name, value] : context.client_metadata()) {
    entries.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  return entries;
}

class grpc_call final : public grpc_reactor {
 public:
  grpc_call(const served_method& method, const command_endpoint& endpoint,
            const grpc::GenericCallbackServerContext& context, std::size_t message_bytes_max)
      : method_(method),
        endpoint_(endpoint),
        context_(context),
        message_bytes_max_(message_bytes_max) {}

  void start() override { read(); }

  void OnReadDone(bool ok) override {
    if (!ok) return finish(no_message());
    call c;
    c.method = &method_;
    c.request.reset(method_.request->New());
    if (auto parsed = parse(incoming(), *c.request, message_bytes_max_); !parsed.ok()) {
      return finish(parsed);
    }
    c.request_bytes = incoming().Length();
    incoming().Clear();
    c.metadata = metadata_of(context_);
    c.deadline = deadline_of(context_);
    c.cancelled = {shared_from_this(), &cancelled_};
    c.reply = [self = shared_from_this()](actors::outcome done) {
      if (done.result.ok()) {
        self->finish(to_buffer(std::move(done.reply)));
      } else {
        self->finish(done.result);
      }
    };
    endpoint_.submit(std::move(c));
  }

  void OnCancel() override {
    cancelled_ = true;
    grpc_reactor::OnCancel();
  }

 private:
  status no_message() const {
    return {status_code::invalid_argument, method_.method->full_name() + " expects one message " +
                                               method_.method->input_type()->full_name() +
                                               ", but the call ended without one"};
  }

  const served_method& method_;
  const command_endpoint& endpoint_;
  const grpc::GenericCallbackServerContext& context_;
  std::size_t message_bytes_max_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace

grpc::ServerGenericBidiReactor* serve_call(const served_method& method,
                                           const command_endpoint& endpoint,
                                           const grpc::GenericCallbackServerContext& context,
                                           std::size_t message_bytes_max) {
  return std::make_shared<grpc_call>(method, endpoint, context, message_bytes_max)->begin();
}

}  // namespace perdure::gateway
