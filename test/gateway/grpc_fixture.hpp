#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "gateway/grpc_server.hpp"
#include "test/gateway/echo_models.hpp"
#include "test/gateway/fake_streams.hpp"
#include "test/gateway/known_commands.hpp"

// A real server on a free port in front of a function of the test, and a real client.

namespace perdure::gateway::testing {

// Longer than anything takes; what is waited for past it has failed.
inline constexpr std::chrono::seconds patience{60};

// Waits for a condition that another thread makes true.
inline bool eventually(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

inline grpc::ByteBuffer buffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

inline std::string text(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string joined;
  if (bytes.Dump(&slices).ok()) {
    for (const auto& slice : slices) joined.append(slice.begin(), slice.end());
  }
  return joined;
}

// Stands where the router would: keeps commands until the test has answered them.
class held_commands {
 public:
  void submit(actors::command c) {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(c));
    changed_.notify_one();
  }

  // The next one to come.
  actors::command next() {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, patience, [&] { return !waiting_.empty(); }));
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

  // Nothing if none is waiting.
  std::optional<actors::command> poll() {
    std::lock_guard lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<actors::command> waiting_;
};

// Answers "re: <text>" at once, inside submit().
inline void echo(actors::command c) {
  gateway_test::EchoReply reply;
  reply.set_text("re: " + dynamic_cast<gateway_test::EchoRequest&>(*c.request).text());
  c.reply({{}, reply.SerializeAsString()});
}

struct answer {
  grpc::Status status;
  std::string bytes;
};

// One call by name, step by step: each step waits until it is done.
class client_call {
 public:
  client_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
              const std::function<void(grpc::ClientContext&)>& prepare = {}) {
    context.set_deadline(std::chrono::system_clock::now() + patience);
    if (prepare) prepare(context);
    stream_ = grpc::GenericStub(channel).PrepareCall(&context, path, &events_);
    stream_->StartCall(this);
    step();
  }
  ~client_call() {
    context.TryCancel();
    events_.Shutdown();
    void* tag;
    bool ok;
    while (events_.Next(&tag, &ok)) {
    }
  }

  bool write(const std::string& bytes) { return write(buffer(bytes)); }
  bool write(const grpc::ByteBuffer& message) {
    stream_->Write(message, this);
    return step();
  }
  bool writes_done() {
    stream_->WritesDone(this);
    return step();
  }
  bool read(std::string& bytes) {
    grpc::ByteBuffer received;
    stream_->Read(&received, this);
    if (!step()) return false;
    bytes = text(received);
    return true;
  }
  // Waits for what goes ahead of the reply.
  bool read_initial_metadata() {
    stream_->ReadInitialMetadata(this);
    return step();
  }
  // What was told under this name, ahead of the reply; each value in brackets.
  std::string told(const std::string& name) {
    auto [first, last] = context.GetServerInitialMetadata().equal_range(name);
    std::string values;
    for (; first != last; ++first) {
      values += "[" + std::string(first->second.data(), first->second.size()) + "]";
    }
    return values;
  }
  grpc::Status finish() {
    grpc::Status result;
    stream_->Finish(&result, this);
    step();
    return result;
  }

  // Reads the reply, if there is one, and the status.
  answer result() {
    std::string bytes;
    read(bytes);
    return {finish(), bytes};
  }

  grpc::ClientContext context;

 private:
  bool step() {
    void* tag;
    bool ok = false;
    return events_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue events_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

class grpc_fixture {
 public:
  // Serves Echo; what comes is submitted to `commands` unless a test gives another function.
  explicit grpc_fixture(std::function<void(actors::command)> submit = {}, limits with = {})
      : bounds(with),
        catalog(echo_catalog()),
        endpoint({.submit = submit ? std::move(submit)
                                   : [this](actors::command c) { commands.submit(std::move(c)); },
                  .own = known.own(),
                  .open_stream =
                      [this](auto request, auto caller) {
                        return streams.open(std::move(request), std::move(caller));
                      }},
                 clock, bounds) {
    auto started = grpc_server::start({"127.0.0.1", 0}, catalog, endpoint, bounds);
    BOOST_REQUIRE_MESSAGE(started.ok(), to_string(started.error()));
    server = *std::move(started);
    connect();
  }

  // With a connection of its own.
  void connect() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    // Otherwise it takes megabytes of a reply before anybody reads it.
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->port()),
                                        grpc::InsecureChannelCredentials(), arguments);
  }

  // A call with one message, up to its end.
  answer call(const std::string& path, const std::string& bytes,
              const std::function<void(grpc::ClientContext&)>& prepare = {}) {
    client_call made(channel, path, prepare);
    made.write(bytes);
    made.writes_done();
    return made.result();
  }

  static std::string say(const std::string& id, const std::string& said = {}) {
    gateway_test::EchoRequest request;
    request.set_id(id);
    request.set_text(said);
    return request.SerializeAsString();
  }

  static constexpr const char* say_path = "/gateway_test.Echo/Say";
  static constexpr const char* mailbox_path = "/gateway_test.Letters/Say";

  system_clock clock;
  limits bounds;
  held_commands commands;
  known_commands known;
  fake_streams streams;
  service_catalog catalog;
  command_endpoint endpoint;
  std::unique_ptr<grpc_server> server;
  std::shared_ptr<grpc::Channel> channel;
};

}  // namespace perdure::gateway::testing
