#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/rpc_service.hpp"
#include "gateway/service_catalog.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/event_relay.hpp"
#include "pubsub/subscription.hpp"

// perdure.admin.v1: what an administrator sees of subscriptions and topics, and does to them
// (proto/perdure/admin.proto).

namespace perdure::runtime {

// The parts of a process that are administered; they outlive the service and its calls.
struct administered {
  std::vector<std::shared_ptr<pubsub::subscription>> subscriptions;
  persistence::topic_store& store;
  std::function<pubsub::relay_status()> relay;
  gateway::rpc_service::executor elsewhere;  // runs something soon, where blocking is no harm
};

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
