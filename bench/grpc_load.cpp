// Our gRPC client. It shares the processor with the server that is measured, so it does as little
// as can be: no messages, no threads but gRPC's.

#include "bench/grpc_load.hpp"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <deque>
#include <optional>

namespace perdure::bench {

class grpc_load::calls {
 public:
  explicit calls(const settings& how) : method_(how.method) {
    for (std::size_t i = 0; i < how.channels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection for each
      stubs_.emplace_back(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(how.port),
                                                    grpc::InsecureChannelCredentials(), arguments));
    }
    requests_.reserve(how.requests.size());
    for (const auto& bytes : how.requests) {
      grpc::Slice slice(bytes);
      requests_.emplace_back(&slice, 1);
    }
    for (std::size_t i = 0; i < how.in_flight; ++i)
      calls_.emplace_back(*this, stubs_[i % stubs_.size()]);
  }

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    loop_.run(calls_.size(), lead_in, time, into, [this] { start(calls_.size()); });
  }

  void send_each_once() {
    next_ = 0;
    auto first = std::min(calls_.size(), requests_.size());
    loop_.run_total(calls_.size(), requests_.size(), [this, first] { start(first); });
  }

 private:
  class one_call final : public grpc::ClientUnaryReactor {
   public:
    one_call(calls& all, grpc::GenericStub& stub) : all_(all), stub_(stub) {}

    void start(closed_loop::clock::time_point now) {
      begun_ = now;
      context_.emplace();
      reply_.Clear();
      const auto& requests = all_.requests_;
      const auto& request =
          requests[all_.next_.fetch_add(1, std::memory_order_relaxed) % requests.size()];
      stub_.PrepareUnaryCall(&*context_, all_.method_, {}, &request, &reply_, this);
      StartCall();
    }

    // gRPC is done with this object before it calls.
    void OnDone(const grpc::Status& s) override {
      if (!s.ok()) {
        return all_.loop_.failed(all_.method_ + " was answered with code " +
                                 std::to_string(s.error_code()) + ": " + s.error_message());
      }
      auto now = closed_loop::clock::now();
      if (all_.loop_.answered(begun_, now)) start(now);
    }

   private:
    calls& all_;
    grpc::GenericStub& stub_;
    std::optional<grpc::ClientContext> context_;
    grpc::ByteBuffer reply_;
    closed_loop::clock::time_point begun_;
  };

  void start(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) calls_[i].start(closed_loop::clock::now());
  }

  const std::string method_;
  std::deque<grpc::GenericStub> stubs_;
  std::vector<grpc::ByteBuffer> requests_;
  std::atomic<std::size_t> next_{0};
  closed_loop loop_;
  std::deque<one_call> calls_;
};

grpc_load::grpc_load(const settings& how) : calls_(std::make_unique<calls>(how)) {}

grpc_load::~grpc_load() = default;

void grpc_load::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                    measured& into) {
  calls_->run(lead_in, time, into);
}

void grpc_load::send_each_once() { calls_->send_each_once(); }

}  // namespace perdure::bench
