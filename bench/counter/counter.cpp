// The service that wrk increments, and whose entities are weighed: next to nothing of its own, so
// what is measured is the platform.

#include "counter.hpp"

#include "perdure/module.hpp"

namespace bench::counter {

perdure::effect<api::CounterValue> counter::increment(const domain::CounterState&,
                                                      const api::IncrementRequest& command) {
  domain::Incremented event;
  event.set_by(command.by());
  return effects().emit(std::move(event)).then_reply([](const domain::CounterState& state) {
    api::CounterValue reply;
    reply.set_value(state.value());
    return reply;
  });
}

domain::CounterState counter::on_incremented(domain::CounterState state,
                                             const domain::Incremented& event) {
  state.set_value(state.value() + event.by());
  return state;
}

}  // namespace bench::counter

PERDURE_SERVICE(service) { service.name("counter").add<bench::counter::counter>(); }
