#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/action_pool.hpp"
#include "actors/action_type.hpp"
#include "test/actors/clerk.hpp"
#include "test/actors/entity_fixture.hpp"

namespace test {

using desk::Answer;
using desk::Ask;
using desk::clerk;

// A clerk beside the desks of entity_fixture.
class action_fixture : public entity_fixture {
 public:
  action_fixture() {
    clerk::fails = false;
    clerk::prepared = 0;
    clerk::alive = 0;
    actions = actions_of<clerk>();
    start();
    settle();
  }

  // What a test has left waiting is ended.
  ~action_fixture() {
    if (router) end();
  }

  void restart() {
    end();
    start();
    settle();
  }

  static Ask about(const std::string& desk_id, const std::string& text, std::int64_t number = 0,
                   const std::string& how = {}) {
    Ask request;
    request.set_desk_id(desk_id);
    request.set_text(text);
    request.set_number(number);
    request.set_how(how);
    return request;
  }

  perdure::actors::command to_clerk(const std::string& rpc, const Ask& request,
                                    std::string key = {}, const std::string& id = "a call") {
    perdure::actors::command c{};
    c.target = type().key(id);
    c.method = clerk::model().service->FindMethodByName(rpc);
    c.request_bytes = request.ByteSizeLong();
    c.request = std::make_unique<Ask>(request);
    c.idempotency_key = std::move(key);
    return c;
  }

  reply_ptr ask(const std::string& rpc, const Ask& request, std::string key = {}) {
    return send(to_clerk(rpc, request, std::move(key)));
  }

  // As a client that does not wait.
  reply_ptr send_to_clerk(const std::string& rpc, const Ask& request, const std::string& id,
                          const std::string& command_id = {}) {
    auto c = to_clerk(rpc, request, {}, id);
    c.way = perdure::actors::delivery::sent;
    c.command_id = command_id;
    return send(std::move(c));
  }

  static const perdure::actors::action_type& type() {
    static const perdure::actors::action_type of_clerk(actions_of<clerk>().front());
    return of_clerk;
  }

 private:
  void end() {
    router->drain(std::chrono::milliseconds{0});
    settle();
  }
};

}  // namespace test
