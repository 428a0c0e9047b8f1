#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "actors/action_stream.hpp"
#include "actors/handler_run.hpp"

// A run of a handler whose rpc streams. Replies leave one by one, each when the one before has been
// written; requests are asked for one by one, when the handler wants them.

namespace perdure::actors {

class stream_run final : public handler_run, public action_stream {
 public:
  static std::shared_ptr<stream_run> make(std::shared_ptr<const action_surroundings> around,
                                          stream_request what,
                                          std::shared_ptr<stream_caller> caller);

  void received(std::unique_ptr<google::protobuf::Message> request) override;
  void written() override;
  void cancel() override;

 private:
  class requests_of_client;
  // What run and client have in common from before there is a run.
  struct sides {
    std::shared_ptr<stream_caller> caller;
    std::shared_ptr<requests_of_client> requests;  // null unless the client streams
    std::shared_ptr<std::atomic<bool>> is_cancelled;
  };

  stream_run(std::shared_ptr<const action_surroundings> around, start with, sides between);

  void decided(decided_action what) override;
  void ended(const status& why) override;
  void stored(const google::protobuf::Message* reply, const status& done);

  // The client's side, unless the client has gone; null from then on where it is taken.
  std::shared_ptr<stream_caller> caller();
  std::shared_ptr<stream_caller> take_caller();

  const std::shared_ptr<requests_of_client> requests_;
  const std::shared_ptr<std::atomic<bool>> is_cancelled_;
  bool is_writing_ = false;

  std::mutex caller_mutex_;
  std::shared_ptr<stream_caller> caller_;  // under the lock
};

}  // namespace perdure::actors
