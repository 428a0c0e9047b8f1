// Streams count with the commands that are in flight. Used by actors/exchange.cpp. Next:
// actors/action_pool.cpp.

#include "actors/stream_admission.hpp"

#include <utility>

namespace perdure::actors {
namespace {

// What a stream holds beside its first request: its structures, and a message on its way.
constexpr std::size_t stream_bytes = 16 << 10;

// The client's side of a stream, which its run lets go of when it ends or the client has gone.
class counted_caller final : public stream_caller {
 public:
  counted_caller(std::shared_ptr<stream_caller> caller, reply_to ended)
      : caller_(std::move(caller)), ended_(std::move(ended)) {}
  counted_caller(const counted_caller&) = delete;
  counted_caller& operator=(const counted_caller&) = delete;
  ~counted_caller() override { ended_({}); }

  void want_request() override { caller_->want_request(); }
  void reply(std::string encoded) override { caller_->reply(std::move(encoded)); }
  void end(status why) override { caller_->end(std::move(why)); }

 private:
  const std::shared_ptr<stream_caller> caller_;
  const reply_to ended_;
};

class ended_stream final : public action_stream {
 public:
  void received(std::unique_ptr<google::protobuf::Message>) override {}
  void written() override {}
  void cancel() override {}
};

}  // namespace

std::shared_ptr<action_stream> open_admitted(entity_registry& registry, action_pool& pool,
                                             stream_request what,
                                             std::shared_ptr<stream_caller> caller) {
  command counted{};
  counted.request_bytes = stream_bytes + (what.request ? what.request->ByteSizeLong() : 0);
  counted.reply = [](const outcome&) {};
  if (auto refused = registry.admit(counted, origin::caller); !refused.ok()) {
    caller->end(refused);
    return std::make_shared<ended_stream>();
  }
  return pool.open(std::move(what),
                   std::make_shared<counted_caller>(std::move(caller), std::move(counted.reply)));
}

}  // namespace perdure::actors
