#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "actors/action_stream.hpp"
#include "actors/command.hpp"
#include "gateway/command_endpoint.hpp"
#include "perdure/status.hpp"

// Rpcs that the runtime answers itself: a function for each, behind the same gateways as the rpcs
// of components (service_catalog::of_runtime, destinations).
//
//     rpc_service admin(elsewhere);
//     admin.add<ListTopicsRequest, ListTopicsResponse>("perdure.admin.v1.Topics.List",
//         [](const auto& request, auto answer) { answer(response); });

namespace perdure::gateway {

// All is added before the first call. Any thread then; outlives its calls.
class rpc_service {
 public:
  // Runs something soon, where blocking is no harm.
  using executor = std::function<void(std::function<void()>)>;

  explicit rpc_service(executor elsewhere) : elsewhere_(std::move(elsewhere)) {}

  template <class Reply>
  using answer = std::function<void(result<Reply>)>;

  // A unary rpc. `handle` is quick, and calls `answer` once, from any thread.
  template <class Request, class Reply>
  void add(const std::string& method,
           std::function<void(const Request& request, answer<Reply> answer)> handle) {
    unary_[method] = [handle = std::move(handle)](const google::protobuf::Message& request,
                                                  actors::reply_to reply) {
      handle(static_cast<const Request&>(request), [reply = std::move(reply)](result<Reply> made) {
        if (!made.ok()) return reply({made.error(), {}});
        reply({{}, made->SerializeAsString()});
      });
    };
  }

  // The replies of a stream, one per call; nullopt: there is no more. Called `elsewhere`, again
  // when the reply before has left.
  template <class Reply>
  using source = std::function<result<std::optional<Reply>>()>;

  // Becomes true once nobody wants the replies any more: for a source that takes long over one.
  using is_cancelled = std::shared_ptr<const std::atomic<bool>>;

  // An rpc that streams its replies.
  template <class Request, class Reply>
  void add_stream(
      const std::string& method,
      std::function<result<source<Reply>>(const Request& request, const is_cancelled& cancelled)>
          begin) {
    streams_[method] = [begin = std::move(begin)](
                           const google::protobuf::Message& request,
                           const is_cancelled& cancelled) -> result<encoded_source> {
      auto replies = begin(static_cast<const Request&>(request), cancelled);
      if (!replies.ok()) return replies.error();
      return encoded_source([next = *std::move(replies)]() -> result<std::optional<std::string>> {
        auto reply = next();
        if (!reply.ok()) return reply.error();
        if (!*reply) return std::optional<std::string>();
        return std::optional((*reply)->SerializeAsString());
      });
    };
  }

  // What calls are handed to. UNIMPLEMENTED: nobody has added the rpc.
  destinations where() const;

 private:
  using encoded_source = std::function<result<std::optional<std::string>>()>;
  class pulled_stream;

  void call(actors::command c) const;
  std::shared_ptr<actors::action_stream> open(actors::stream_request what,
                                              std::shared_ptr<actors::stream_caller> caller) const;

  const executor elsewhere_;
  std::unordered_map<std::string, std::function<void(const google::protobuf::Message& request,
                                                     actors::reply_to reply)>>
      unary_;
  std::unordered_map<std::string,
                     std::function<result<encoded_source>(const google::protobuf::Message& request,
                                                          const is_cancelled& cancelled)>>
      streams_;
};

}  // namespace perdure::gateway
