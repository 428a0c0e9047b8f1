// The bare gRPC server: see grpc_echo.hpp. No code of Perdure.

#include "bench/ceilings/grpc_echo.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <stdexcept>
#include <string>

#include "bench/ceilings/grpc_set_up.hpp"

namespace perdure::bench {
namespace {

class one_call final : public grpc::ServerGenericBidiReactor {
 public:
  explicit one_call(const grpc::Slice& reply) : slice_(reply) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no message came"));
    reply_ = grpc::ByteBuffer(&slice_, 1);
    StartWriteAndFinish(&reply_, grpc::WriteOptions(), grpc::Status::OK);
  }

  void OnDone() override { delete this; }

 private:
  const grpc::Slice& slice_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
};

class echo_service final : public grpc::CallbackGenericService {
 public:
  explicit echo_service(std::size_t reply_bytes) : reply_(std::string(reply_bytes, 'r')) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new one_call(reply_);
  }

 private:
  const grpc::Slice reply_;  // not copied: its bytes are counted
};

}  // namespace

class grpc_echo::running {
 public:
  explicit running(std::size_t reply_bytes) : service(reply_bytes) {
    grpc::ServerBuilder builder;
    set_up_as_ours(builder);
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&service);
    server = builder.BuildAndStart();
    if (!server || port == 0) throw std::runtime_error("cannot serve gRPC on 127.0.0.1");
  }

  int port = 0;
  echo_service service;
  std::unique_ptr<grpc::Server> server;
};

grpc_echo::grpc_echo(std::size_t reply_bytes) : running_(std::make_unique<running>(reply_bytes)) {}

grpc_echo::~grpc_echo() { running_->server->Shutdown(); }

int grpc_echo::port() const { return running_->port; }

}  // namespace perdure::bench
