#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apps/runtime/administered.hpp"
#include "gateway/rpc_service.hpp"
#include "gateway/service_catalog.hpp"

// perdure.admin.v1: what an administrator sees of a process, and does to it
// (proto/perdure/admin.proto). Subscriptions and topics are here; admin_views.hpp and admin_sql.hpp
// have the other services.

namespace perdure::runtime {

// Any thread. Outlives its calls.
class admin_service {
 public:
  explicit admin_service(administered what);

  static gateway::service_catalog catalog();

  gateway::destinations where() const { return rpcs_.where(); }

 private:
  using subscription = std::shared_ptr<pubsub::subscription>;
  template <class Reply>
  using answer = gateway::rpc_service::answer<Reply>;

  // What an rpc does to a subscription. `done` is called once; the reply tells how it is then.
  template <class Request>
  using change = std::function<void(pubsub::subscription& one, const Request& asked,
                                    const pubsub::subscription::on_done& done)>;
  template <class Request>
  void add_change(const char* name, change<Request> make);

  void add_readings();
  void add_changes();
  void add_held();
  void add_topics();

  // NOT_FOUND: there is none of this name; the text has those that are.
  result<subscription> find(const std::string& name) const;

  administered what_;
  std::map<std::string, subscription> by_name_;
  gateway::rpc_service rpcs_;
};

}  // namespace perdure::runtime
