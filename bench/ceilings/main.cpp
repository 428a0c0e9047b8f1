// bench_ceilings: the bare servers that ours are measured against, in a process of their own.
// Prints their ports as a service of Perdure does, and serves until SIGTERM.

#include <pthread.h>
#include <signal.h>
#include <CLI/CLI.hpp>

#include <cstddef>
#include <cstdio>

#include "bench/ceilings/grpc_echo.hpp"
#include "bench/ceilings/grpc_queue_echo.hpp"
#include "bench/ceilings/http_echo.hpp"
#include "gateway/http_server.hpp"

int main(int argc, char** argv) {
  std::size_t reply_bytes = 0;
  CLI::App app("Bare servers.", "bench_ceilings");
  app.add_option("--reply-bytes", reply_bytes, "Of the gRPC server on the callback API")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  perdure::bench::grpc_echo grpc(reply_bytes);
  perdure::bench::grpc_queue_echo grpc_queue;
  perdure::bench::http_echo http(perdure::gateway::http_server::settings{}.threads);
  std::printf("grpc 127.0.0.1:%d\ngrpc-queue 127.0.0.1:%d\nhttp 127.0.0.1:%d\nready\n", grpc.port(),
              grpc_queue.port(), http.port());
  std::fflush(stdout);
  int received = 0;
  sigwait(&stop, &received);
  return 0;
}
