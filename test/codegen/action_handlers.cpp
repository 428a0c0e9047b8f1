// Classes over the output of golden/actions. As they are they compile; with one of the macros they
// must not (test/codegen/CMakeLists.txt).

#include "shop.perdure.hpp"

namespace {

using google::protobuf::Empty;
using perdure::action_effect;
using perdure::replies;
using perdure::requests;
using perdure::task;
using shop::api::Notice;
using shop::api::Number;

struct notices final : shop::api::notices_base {
  task<action_effect<Notice>> on_placed(const shop::api::Placed&) override {
#ifdef OTHER_REPLY
    return effects().reply(Number{});
#else
    return effects().reply(Notice{});
#endif
  }
#ifndef MISSING_HANDLER
  task<action_effect<Empty>> prepare(const Empty&) override { return effects().ignore(); }
#endif
};

struct adder final : shop::api::adder_base {
  task<action_effect<Number>> double_(const Number& request) override {
    auto answer = co_await shop::api::sums_calls::double_(request);
    if (!answer.ok()) co_return effects().reject(answer.error());
    co_return effects().reply(*answer);
  }
  replies<Number> series(const Number& request) override {
#ifdef FOREIGN_YIELD
    co_yield Notice{};
#endif
    co_yield request;
    co_yield effects().reply(request);
  }
  task<action_effect<Number>> sum(requests<Number> requests) override {
    Number total;
    while (auto one = co_await requests.next()) total.set_value(total.value() + one->value());
    co_return effects().reply(total);
  }
  replies<Number> running(requests<Number> requests) override {
#ifdef FOREIGN_AWAIT
    co_await std::suspend_always{};
#endif
    while (auto one = co_await requests.next()) co_yield *one;
  }
};

[[maybe_unused]] void make() {
  notices first;
  adder second;
}

}  // namespace
