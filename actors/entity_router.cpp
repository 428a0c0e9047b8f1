// Command path: the way into actors/, which shows nothing of CAF. All is done by the exchange.
// Before: gateway/command_endpoint.cpp. Next: actors/exchange.cpp.

#include "actors/entity_router.hpp"

#include "actors/exchange.hpp"

namespace perdure::actors {

entity_router::entity_router(caf::actor_system& system, std::span<const entity_model> models,
                             environment env, std::span<const action_model> actions)
    : exchange_(std::make_shared<exchange>(system, models, actions, std::move(env))) {
  exchange_->start();
}

entity_router::~entity_router() { exchange_->stop(); }

void entity_router::submit(command c) { exchange_->submit(std::move(c)); }

std::shared_ptr<action_stream> entity_router::open_stream(stream_request what,
                                                          std::shared_ptr<stream_caller> caller) {
  return exchange_->open_stream(std::move(what), std::move(caller));
}

action_pool* entity_router::pool(const std::string& service) const {
  return exchange_->pool(service);
}

void entity_router::find_command(std::string command_id,
                                 std::function<void(result<std::optional<command_status>>)> reply) {
  exchange_->find_command(std::move(command_id), std::move(reply));
}

std::vector<std::shared_ptr<pubsub::subscription>> entity_router::subscriptions() const {
  return exchange_->subscribed();
}

bool entity_router::drain(std::chrono::milliseconds timeout) { return exchange_->drain(timeout); }

std::size_t entity_router::resident_entities() const {
  return exchange_->registry().resident_entities();
}

std::size_t entity_router::in_flight_bytes() const {
  return exchange_->registry().in_flight_bytes();
}

}  // namespace perdure::actors
