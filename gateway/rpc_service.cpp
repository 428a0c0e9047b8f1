// Calls of the runtime's own rpcs, behind gateway/command_endpoint.cpp: to their functions, in the
// place of actors/entity_router.cpp.

#include "gateway/rpc_service.hpp"

#include <atomic>
#include <utility>

namespace perdure::gateway {
namespace {

status not_added(const std::string& method) {
  return {status_code::unimplemented, method + " is not served here"};
}

}  // namespace

// Makes the next reply when the one before has left.
class rpc_service::pulled_stream final : public actors::action_stream,
                                         public std::enable_shared_from_this<pulled_stream> {
 public:
  pulled_stream(const executor& elsewhere, result<encoded_source> next,
                std::shared_ptr<std::atomic<bool>> cancelled,
                std::shared_ptr<actors::stream_caller> caller)
      : elsewhere_(elsewhere),
        next_(std::move(next)),
        cancelled_(std::move(cancelled)),
        caller_(std::move(caller)) {}

  void go_on() {
    elsewhere_([self = shared_from_this()] { self->make_next(); });
  }

  void received(std::unique_ptr<google::protobuf::Message>) override {}
  void written() override { go_on(); }
  void cancel() override { *cancelled_ = true; }

 private:
  void make_next() {
    if (*cancelled_) return;
    if (!next_.ok()) return caller_->end(next_.error());
    auto made = (*next_)();
    if (!made.ok()) return caller_->end(made.error());
    if (!*made) return caller_->end({});
    caller_->reply(**std::move(made));
  }

  const executor& elsewhere_;
  const result<encoded_source> next_;
  const std::shared_ptr<std::atomic<bool>> cancelled_;
  const std::shared_ptr<actors::stream_caller> caller_;
};

destinations rpc_service::where() const {
  return {.submit = {},
          .own = [this](actors::command c) { call(std::move(c)); },
          .open_stream =
              [this](actors::stream_request what, std::shared_ptr<actors::stream_caller> caller) {
                return open(std::move(what), std::move(caller));
              }};
}

void rpc_service::call(actors::command c) const {
  auto found = unary_.find(c.method->full_name());
  if (found == unary_.end()) return c.reply({not_added(c.method->full_name()), {}});
  found->second(*c.request, std::move(c.reply));
}

std::shared_ptr<actors::action_stream> rpc_service::open(
    actors::stream_request what, std::shared_ptr<actors::stream_caller> caller) const {
  auto found = streams_.find(what.method->full_name());
  auto cancelled = std::make_shared<std::atomic<bool>>(false);
  auto replies = found == streams_.end() || !what.request ? not_added(what.method->full_name())
                                                          : found->second(*what.request, cancelled);
  auto opened =
      std::make_shared<pulled_stream>(elsewhere_, std::move(replies), cancelled, std::move(caller));
  opened->go_on();
  return opened;
}

}  // namespace perdure::gateway
