#pragma once

#include "fibonacci_api.perdure.hpp"

namespace fibonacci {

using perdure::action_effect;
using perdure::replies;
using perdure::requests;
using perdure::task;

// Numbers of Fibonacci, in the four shapes that an rpc can have. It holds no state.
class numbers final : public api::fibonacci_base {
 public:
  task<action_effect<api::Number>> next_number(const api::Number& request) override;
  replies<api::Number> series(const api::SeriesRequest& request) override;
  task<action_effect<api::Number>> sum(requests<api::Number> requests) override;
  replies<api::Number> running(requests<api::Number> requests) override;
};

}  // namespace fibonacci
