// The bare gRPC server on a completion queue: see grpc_queue_echo.hpp. No code of Perdure.

#include "bench/ceilings/grpc_queue_echo.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <stdexcept>
#include <thread>

#include "bench/ceilings/grpc_set_up.hpp"

namespace perdure::bench {
namespace {

// Calls that are let come before the first of them was looked at.
constexpr int calls_awaited = 16;

// One call, from before it comes until gRPC is done with it. Its address is the tag of each of its
// events, which come one after the other.
class one_call {
 public:
  static void await(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue) {
    new one_call(service, queue);
  }

  void happened(bool ok) {
    if (!ok) return delete this;
    switch (awaited_) {
      case event::call:
        await(service_, queue_);
        awaited_ = event::message;
        return stream_.Read(&request_, this);
      case event::message: {
        grpc::Slice nothing;
        awaited_ = event::end;
        return stream_.WriteAndFinish(grpc::ByteBuffer(&nothing, 1), {}, grpc::Status::OK, this);
      }
      case event::end:
        delete this;
    }
  }

 private:
  enum class event { call, message, end };

  one_call(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue) {
    service_.RequestCall(&context_, &stream_, &queue_, &queue_, this);
  }

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  event awaited_ = event::call;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  grpc::ByteBuffer request_;
};

}  // namespace

class grpc_queue_echo::running {
 public:
  running() {
    grpc::ServerBuilder builder;
    set_up_as_ours(builder);
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterAsyncGenericService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (!server_ || port == 0) throw std::runtime_error("cannot serve gRPC on 127.0.0.1");
    for (int i = 0; i < calls_awaited; ++i) one_call::await(service_, *queue_);
    thread_ = std::thread([this] {
      void* tag = nullptr;
      bool ok = false;
      while (queue_->Next(&tag, &ok)) static_cast<one_call*>(tag)->happened(ok);
    });
  }

  ~running() {
    server_->Shutdown(std::chrono::system_clock::now());
    queue_->Shutdown();
    thread_.join();
  }

  int port = 0;

 private:
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
};

grpc_queue_echo::grpc_queue_echo() : running_(std::make_unique<running>()) {}

grpc_queue_echo::~grpc_queue_echo() = default;

int grpc_queue_echo::port() const { return running_->port; }

}  // namespace perdure::bench
