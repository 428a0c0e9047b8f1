// The handlers. Each is a coroutine where it waits for something, and a plain function where not.

#include "fibonacci.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "perdure/module.hpp"

namespace fibonacci {
namespace {

using api::Number;
using perdure::result;
using perdure::status;
using perdure::status_code;

constexpr int count_max = 93;  // so many fit into 64 bits
constexpr int pause_max = 10'000;
constexpr auto largest = std::numeric_limits<std::int64_t>::max();

Number number(std::int64_t value) {
  Number message;
  message.set_value(value);
  return message;
}

// The number after `value`; 1, which is there twice, is followed by 2.
result<Number> after(std::int64_t value) {
  std::int64_t before = 0;
  std::int64_t current = 1;
  if (value == 0) return number(1);
  while (current < value && current <= largest - before) {
    before = std::exchange(current, before + current);
  }
  if (current != value) {
    return status(status_code::invalid_argument,
                  std::to_string(value) + " is no number of Fibonacci");
  }
  if (current > largest - before) {
    return status(status_code::out_of_range,
                  "what follows " + std::to_string(value) + " does not fit into 64 bits");
  }
  return number(value == 1 ? 2 : before + current);
}

bool fits(std::int64_t a, std::int64_t b) {
  return b >= 0 ? a <= largest - b : a >= std::numeric_limits<std::int64_t>::min() - b;
}

}  // namespace

task<action_effect<Number>> numbers::next_number(const Number& request) {
  auto next = after(request.value());
  if (!next.ok()) return effects().reject(next.error());
  return effects().reply(*next);
}

replies<Number> numbers::series(const api::SeriesRequest& request) {
  int count = request.has_count() ? request.count() : count_max;
  if (count < 0 || count > count_max) {
    co_yield effects().reject(
        status_code::invalid_argument,
        "count must be from 0 to " + std::to_string(count_max) + ", not " + std::to_string(count));
    co_return;
  }
  if (request.pause_milliseconds() < 0 || request.pause_milliseconds() > pause_max) {
    co_yield effects().reject(status_code::invalid_argument,
                              "pause_milliseconds must be from 0 to " + std::to_string(pause_max) +
                                  ", not " + std::to_string(request.pause_milliseconds()));
    co_return;
  }
  std::int64_t before = 1;
  std::int64_t current = 0;
  for (int i = 0; i < count; ++i) {
    if (i > 0) {
      if (request.pause_milliseconds() > 0) {
        co_await perdure::pause_for{std::chrono::milliseconds(request.pause_milliseconds())};
      }
      before = std::exchange(current, before + current);
    }
    co_yield number(current);
  }
}

task<action_effect<Number>> numbers::sum(requests<Number> requests) {
  std::int64_t sum = 0;
  while (auto one = co_await requests.next()) {
    if (!fits(sum, one->value())) {
      co_return effects().reject(status_code::out_of_range, "the sum does not fit into 64 bits");
    }
    sum += one->value();
  }
  co_return effects().reply(number(sum));
}

replies<Number> numbers::running(requests<Number> requests) {
  while (auto one = co_await requests.next()) {
    auto next = after(one->value());
    if (!next.ok()) {
      co_yield effects().reject(next.error());
      co_return;
    }
    co_yield *next;
  }
}

}  // namespace fibonacci

PERDURE_SERVICE(service) { service.name("fibonacci").add<fibonacci::numbers>(); }
