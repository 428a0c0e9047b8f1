// Command path, gRPC's way in. Before: gateway/grpc_server.cpp. Next: gateway/command_endpoint.cpp.
//
// One object per call. The reply may come inside submit(), later from any thread, or after the
// caller has gone; the command holds this object until then.

#include "gateway/grpc_call.hpp"

#include <utility>

#include "base/log_position.hpp"

namespace perdure::gateway {
namespace {

timestamp deadline_of(const grpc::GenericServerContext& context) {
  auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return timestamp::max();
  return std::chrono::floor<std::chrono::milliseconds>(deadline);
}

class grpc_call final : public unary_call {
 public:
  grpc_call(const served_method& method, const command_endpoint& endpoint, open_calls& calls,
            const unsent_replies& replies, const grpc::GenericServerContext& context,
            std::size_t message_bytes_max)
      : unary_call(calls, context),
        method_(method),
        endpoint_(endpoint),
        replies_(replies),
        message_bytes_max_(message_bytes_max) {}

 private:
  void received() override {
    if (auto room = replies_.check_room(); !room.ok()) return finish(room);
    auto c = call_of(method_, context());
    c.request.reset(method_.request->New());
    if (auto parsed = parse(incoming(), *c.request, message_bytes_max_); !parsed.ok()) {
      return finish(parsed);
    }
    c.request_bytes = incoming().Length();
    incoming().Clear();
    auto self = std::static_pointer_cast<grpc_call>(shared_from_this());
    c.cancelled = {self, &cancelled()};
    auto made = endpoint_.command_of(std::move(c));
    if (!made) return finish(made.error());
    if (!made->command_id.empty()) tell(command_id_header, made->command_id);
    made->reply = [self = std::move(self)](actors::outcome done) { self->answer(std::move(done)); };
    endpoint_.submit(*std::move(made));
  }

  std::string expected() const override { return method_.method->input_type()->full_name(); }

  void answer(actors::outcome done) {
    if (!done.result.ok()) return finish(done.result);
    auto held = replies_.hold(std::move(done.reply));
    if (!held.ok()) return finish(held.error());
    if (!done.positions.empty()) tell_last(position_header, done.positions);
    finish(*std::move(held));
  }

  const served_method& method_;
  const command_endpoint& endpoint_;
  const unsent_replies replies_;  // a copy: a late reply may come after the server's end
  std::size_t message_bytes_max_;
};

}  // namespace

perdure::metadata metadata_of(const grpc::GenericServerContext& context) {
  perdure::metadata entries;
  for (const auto& [name, value] : context.client_metadata()) {
    entries.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  return entries;
}

received_call call_of(const served_method& method, const grpc::GenericServerContext& context) {
  received_call c{};
  c.method = &method;
  c.metadata = metadata_of(context);
  c.deadline = deadline_of(context);
  return c;
}

std::shared_ptr<grpc_reactor> serve_call(const served_method& method,
                                         const command_endpoint& endpoint, open_calls& calls,
                                         const unsent_replies& replies,
                                         const grpc::GenericServerContext& context,
                                         std::size_t message_bytes_max) {
  return std::make_shared<grpc_call>(method, endpoint, calls, replies, context, message_bytes_max);
}

}  // namespace perdure::gateway
