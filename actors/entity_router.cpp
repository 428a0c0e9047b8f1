// Command path: the way into actors/, which shows nothing of CAF. All is done by the exchange.
// Before: gateway/command_endpoint.cpp. Next: actors/exchange.cpp.

#include "actors/entity_router.hpp"

#include "actors/exchange.hpp"

namespace perdure::actors {

entity_router::entity_router(caf::actor_system& system, std::span<const entity_model> models,
                             environment env)
    : exchange_(std::make_shared<exchange>(system, models, std::move(env))) {
  exchange_->start();
}

entity_router::~entity_router() { exchange_->stop(); }

void entity_router::submit(command c) { exchange_->submit(std::move(c)); }

void entity_router::find_command(std::string command_id,
                                 std::function<void(result<std::optional<command_status>>)> reply) {
  exchange_->find_command(std::move(command_id), std::move(reply));
}

bool entity_router::drain(std::chrono::milliseconds timeout) { return exchange_->drain(timeout); }

std::size_t entity_router::resident_entities() const {
  return exchange_->registry().resident_entities();
}

std::size_t entity_router::in_flight_bytes() const {
  return exchange_->registry().in_flight_bytes();
}

}  // namespace perdure::actors
