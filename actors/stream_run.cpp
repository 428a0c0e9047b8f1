// A run of a handler that streams. Before: gateway/grpc_stream_call.cpp,
// gateway/http_stream_call.cpp. Used by actors/action_pool.cpp.

#include "actors/stream_run.hpp"

#include <utility>

#include "actors/effect_parts.hpp"

namespace perdure::actors {

using google::protobuf::Message;

// Used in the run's actor only.
class stream_run::requests_of_client final : public request_source {
 public:
  // While it has not ended.
  stream_run* run = nullptr;

  void next(std::function<void(std::unique_ptr<Message>)> tell) override {
    if (run == nullptr) return;  // somebody has kept it
    tell_ = std::move(tell);
    if (has_all_) return run->post([this] { came(nullptr); });
    if (auto caller = run->caller()) caller->want_request();
  }

  // One that nobody has asked for is dropped: both sides pull.
  void came(std::unique_ptr<Message> request) {
    if (!tell_) return;
    has_all_ = request == nullptr;
    auto tell = std::exchange(tell_, nullptr);
    run->resume([&] { tell(std::move(request)); });
  }

 private:
  std::function<void(std::unique_ptr<Message>)> tell_;
  bool has_all_ = false;
};

std::shared_ptr<stream_run> stream_run::make(std::shared_ptr<const action_surroundings> around,
                                             stream_request what,
                                             std::shared_ptr<stream_caller> caller) {
  sides between{std::move(caller), nullptr, std::make_shared<std::atomic<bool>>(false)};
  action_input input = std::move(what.request);
  if (what.method->client_streaming()) {
    between.requests = std::make_shared<requests_of_client>();
    input = std::shared_ptr<request_source>(between.requests);
  }
  auto trace_parent = trace_parent_of(what.metadata);
  start with{static_cast<std::size_t>(what.method->index()),
             std::move(input),
             {std::move(what.metadata), {}, {}, 1},
             what.deadline,
             between.is_cancelled,
             std::move(trace_parent)};
  return std::shared_ptr<stream_run>(
      new stream_run(std::move(around), std::move(with), std::move(between)));
}

stream_run::stream_run(std::shared_ptr<const action_surroundings> around, start with, sides between)
    : handler_run(std::move(around), std::move(with)),
      requests_(std::move(between.requests)),
      is_cancelled_(std::move(between.is_cancelled)),
      caller_(std::move(between.caller)) {
  if (requests_) requests_->run = this;
}

// ----------------------------------------------------------------------------- the client's side

void stream_run::received(std::unique_ptr<Message> request) {
  auto shared = std::make_shared<std::unique_ptr<Message>>(std::move(request));
  post([this, shared] {
    if (requests_) requests_->came(std::move(*shared));
  });
}

void stream_run::written() {
  post([this] {
    if (!std::exchange(is_writing_, false)) return;
    method().descriptor->server_streaming() ? next() : end({});
  });
}

void stream_run::cancel() {
  *is_cancelled_ = true;
  take_caller();
  post([this] { end({status_code::cancelled, "the caller went away"}); });
}

std::shared_ptr<stream_caller> stream_run::caller() {
  std::lock_guard lock(caller_mutex_);
  return caller_;
}

std::shared_ptr<stream_caller> stream_run::take_caller() {
  std::lock_guard lock(caller_mutex_);
  return std::exchange(caller_, nullptr);
}

// ---------------------------------------------------------------------------- the handler's side

void stream_run::decided(decided_action what) {
  std::shared_ptr<const Message> reply = std::move(what.reply);
  if (what.changes_nothing()) return stored(reply.get(), {});
  others()->store(*around().type, std::move(what), with().deadline,
                  [weak = weak_from_this(), this, reply](status done) {
                    auto self = weak.lock();
                    if (!self) return;
                    post([this, reply, done = std::move(done)] { stored(reply.get(), done); });
                  });
}

// A caller that awaits one reply gets one, be it empty.
void stream_run::stored(const Message* reply, const status& done) {
  if (!done.ok()) return end(done);
  bool is_only = !method().descriptor->server_streaming();
  // Later, so that a handler that yields nothing again and again does not pile up here.
  if (reply == nullptr && !is_only) return post([this] { next(); });
  auto client = caller();
  if (!client) return;  // cancel() is on its way
  is_writing_ = true;
  client->reply(reply ? reply->SerializePartialAsString() : std::string());
}

void stream_run::ended(const status& why) {
  if (requests_) requests_->run = nullptr;
  if (auto client = take_caller()) client->end(why);
}

}  // namespace perdure::actors
