#pragma once

#include <stdexcept>

#include "counter.perdure.hpp"

namespace test::counter {

class counter final : public counter_base {
 public:
  perdure::effect<Value> add(const CounterState&, const AddRequest& command) override {
    auto builder = effects();
    Added added;
    added.set_amount(command.amount());
    added.set_padding(command.padding());
    added.set_note(command.note());
    for (int i = 1; i < command.times(); ++i) builder.emit(added);
    return std::move(builder.emit(added)).then_reply(value_of);
  }

  perdure::effect<Value> subtract(const CounterState& state,
                                  const SubtractRequest& command) override {
    if (command.amount() > state.value()) {
      return effects().reject(perdure::status_code::failed_precondition,
                              "the value is only " + std::to_string(state.value()));
    }
    Added added;
    added.set_amount(-command.amount());
    return effects().emit(added).then_reply(value_of);
  }

  perdure::effect<Value> get(const CounterState& state, const GetRequest&) override {
    return effects().reply(value_of(state));
  }

  perdure::effect<Value> throw_(const CounterState&, const ThrowRequest&) override {
    throw std::runtime_error("secret detail");
  }

  perdure::effect<Value> poison(const CounterState&, const PoisonRequest&) override {
    Added added;
    added.set_amount(1000);
    return effects().emit(added).emit(Poisoned{}).then_reply(value_of);
  }

  perdure::effect<Description> describe(const CounterState&, const DescribeRequest&) override {
    return effects().reply(description_of_context());
  }

  perdure::effect<Description> tag(const CounterState&, const TagRequest&) override {
    return effects().emit(Added{}).then_reply(
        [this](const CounterState&) { return description_of_context(); });
  }

  CounterState on_added(CounterState state, const Added& event) override {
    state.set_value(state.value() + event.amount());
    return state;
  }

  CounterState on_poisoned(CounterState, const Poisoned&) override {
    throw std::runtime_error("poisoned");
  }

 private:
  Description description_of_context() const {
    Description description;
    description.set_entity_id(context().entity_id());
    description.set_sequence(context().sequence());
    description.set_tenant(std::string(perdure::first_value(context().metadata(), "tenant")));
    return description;
  }

  static Value value_of(const CounterState& state) {
    Value reply;
    reply.set_value(state.value());
    return reply;
  }
};

}  // namespace test::counter
