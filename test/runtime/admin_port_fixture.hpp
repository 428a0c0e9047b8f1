#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "apps/runtime/admin_port.hpp"
#include "base/clock.hpp"
#include "persistence/memory_step_store.hpp"
#include "test/gateway/grpc_fixture.hpp"
#include "test/gateway/http_client.hpp"

namespace perdure::test {

using gateway::testing::client_call;
using gateway::testing::http_client;
using gateway::testing::http_get;
using gateway::testing::http_post;

// A port of its own on an empty store.
struct admin_port_fixture {
  admin_port_fixture() {
    std::filesystem::create_directories(with.data);
    auto started =
        runtime::admin_port::start(with, {.serving = [] { return true; },
                                          .amiss = [this] { return amiss; },
                                          .gauges = {},
                                          .what = {.subscriptions = {},
                                                   .store = store,
                                                   .relay = [] { return pubsub::relay_status{}; },
                                                   .elsewhere = [](auto what) { what(); }},
                                          .clock = clock});
    BOOST_REQUIRE_MESSAGE(started.ok(), to_string(started.error()));
    port = *std::move(started);
    std::getline(std::ifstream(with.data + "/admin-token"), token);
    BOOST_REQUIRE(!token.empty());
  }
  ~admin_port_fixture() {
    port.reset();
    std::filesystem::remove_all(with.data);
  }

  static runtime::settings on_a_free_port() {
    runtime::settings made;
    made.data =
        (std::filesystem::temp_directory_path() / ("perdure-admin-" + std::to_string(getpid())))
            .string();
    made.admin_port = 0;
    return made;
  }

  std::shared_ptr<grpc::Channel> connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  gateway::testing::answer call(const std::string& path, const std::string& bytes,
                                const std::string& authorization) const {
    client_call made(connect(), path, [&](auto& context) {
      if (!authorization.empty()) context.AddMetadata("authorization", authorization);
    });
    made.write(bytes);
    made.writes_done();
    return made.result();
  }

  http_client::response ask(const std::string& bytes) const {
    return http_client(port->port()).ask(bytes);
  }
  std::string bearer() const { return "Authorization: Bearer " + token + "\r\n"; }

  runtime::settings with = on_a_free_port();
  system_clock clock;
  persistence::memory_step_store store{4};
  std::vector<std::string> amiss;
  std::unique_ptr<runtime::admin_port> port;
  std::string token;
};

}  // namespace perdure::test
