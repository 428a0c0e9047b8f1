// Coroutines as the runtime runs them: each waits, goes on, ends or is destroyed, and leaves
// nothing behind.

#include "perdure/task.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <stdexcept>
#include <string>

#include "counter.pb.h"
#include "perdure/action.hpp"

using perdure::pause_for;
using perdure::result;
using perdure::status;
using perdure::status_code;
using test::counter::GetRequest;
using test::counter::Value;

namespace {

// Notes what is asked of it, and tells when the test says so.
class scripted_runtime final : public perdure::action_runtime {
 public:
  void call(const perdure::any_call& what, on_reply tell) override {
    asked.push_back(static_cast<const GetRequest&>(what.request()).counter_id());
    waiting.push_back([tell = std::move(tell), text = asked.back()] {
      if (text == "no") return tell(status(status_code::not_found, "no such counter"));
      auto value = std::make_unique<Value>();
      value->set_value(std::stoi(text));
      tell(std::unique_ptr<google::protobuf::Message>(std::move(value)));
    });
  }
  void pause(std::chrono::milliseconds, std::function<void()> tell) override {
    waiting.push_back(std::move(tell));
  }

  void go_on() {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    next();
  }

  std::vector<std::string> asked;
  std::deque<std::function<void()>> waiting;
};

struct witness {
  witness() { ++alive; }
  witness(const witness&) { ++alive; }
  witness& operator=(const witness&) = delete;
  ~witness() { --alive; }
  static inline int alive = 0;
};

perdure::call<Value> get(const std::string& id) {
  GetRequest request;
  request.set_counter_id(id);
  return {GetRequest::descriptor()->file()->FindServiceByName("Counter")->FindMethodByName("Get"),
          request};
}

perdure::task<std::int64_t> value_of(std::string id) {
  witness here;
  auto value = co_await get(id);
  co_return value.ok() ? value->value() : -1;
}

perdure::task<std::int64_t> ready(std::int64_t value) { return value; }

perdure::task<std::int64_t> sum(std::vector<std::string> ids) {
  witness here;
  std::int64_t sum = 0;
  for (const auto& id : ids) sum += co_await value_of(id);
  co_return sum + co_await ready(100);
}

struct running {
  scripted_runtime runtime;
  std::optional<perdure::task<std::int64_t>> one;
  int ended = 0;

  void start(perdure::task<std::int64_t> what) {
    one.emplace(std::move(what));
    one->start(runtime, [this] { ++ended; });
  }
  std::int64_t value() { return std::move(*one).value(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(task, running)

BOOST_AUTO_TEST_CASE(a_value_needs_no_coroutine) {
  start(ready(3));
  BOOST_TEST(ended == 1);
  BOOST_TEST(value() == 3);
}

BOOST_AUTO_TEST_CASE(a_task_awaits_calls_by_tasks_of_its_own) {
  start(sum({"1", "no", "5"}));
  for (int calls = 1; calls <= 3; ++calls) {
    BOOST_TEST(ended == 0);
    BOOST_TEST(runtime.asked.size() == static_cast<std::size_t>(calls));
    runtime.go_on();
  }
  BOOST_TEST(ended == 1);
  BOOST_TEST(value() == 105);
  one.reset();
  BOOST_TEST(witness::alive == 0);
}

BOOST_AUTO_TEST_CASE(what_is_destroyed_where_it_waits_leaves_nothing) {
  start(sum({"1", "2"}));
  runtime.go_on();
  BOOST_TEST(witness::alive == 2);
  one.reset();
  BOOST_TEST(witness::alive == 0);
}

BOOST_AUTO_TEST_CASE(what_never_began_leaves_nothing) {
  { auto never = sum({"1"}); }
  BOOST_TEST(witness::alive == 0);
  BOOST_TEST(runtime.asked.empty());
}

BOOST_AUTO_TEST_CASE(a_value_that_is_not_there_is_a_mistake_that_is_told) {
  start([]() -> perdure::task<std::int64_t> {
    auto moved = value_of("1");
    auto elsewhere = std::move(moved);
    co_return co_await std::move(moved);
  }());
  BOOST_TEST(ended == 1);
  BOOST_CHECK_THROW(value(), std::logic_error);

  start([]() -> perdure::task<std::int64_t> {
    auto moved = ready(1);
    auto elsewhere = std::move(moved);
    co_return co_await std::move(moved);
  }());
  BOOST_CHECK_THROW(value(), std::logic_error);

  start([](bool forgets) -> perdure::task<std::int64_t> {
    if (!forgets) co_return 1;
  }(true));
  BOOST_TEST(ended == 3);
  BOOST_CHECK_THROW(value(), std::logic_error);
}

BOOST_AUTO_TEST_CASE(an_exception_comes_out_where_the_value_would) {
  auto inner = []() -> perdure::task<std::int64_t> {
    witness here;
    co_await pause_for{std::chrono::milliseconds{1}};
    throw std::runtime_error("inner");
    co_return 0;
  };
  auto outer = [&](bool catches) -> perdure::task<std::int64_t> {
    try {
      co_return co_await inner();
    } catch (const std::runtime_error&) {
      if (!catches) throw;
    }
    co_return 7;
  };
  start(outer(true));
  runtime.go_on();
  BOOST_TEST(value() == 7);
  start(outer(false));
  runtime.go_on();
  BOOST_TEST(ended == 2);
  BOOST_CHECK_THROW(value(), std::runtime_error);
  one.reset();
  BOOST_TEST(witness::alive == 0);
}

BOOST_AUTO_TEST_CASE(calls_of_a_list_are_made_at_a_time) {
  auto all = []() -> perdure::task<std::int64_t> {
    std::vector<perdure::call<Value>> calls{get("1"), get("no"), get("3")};
    std::int64_t number = 0;
    for (const auto& value : co_await calls) {
      number = 10 * number + (value.ok() ? value->value() : 9);
    }
    co_return number;
  };
  start(all());
  BOOST_TEST(runtime.asked.size() == 3);
  std::swap(runtime.waiting[0], runtime.waiting[2]);
  for (int i = 0; i < 3; ++i) runtime.go_on();
  BOOST_TEST(value() == 193);
}

BOOST_AUTO_TEST_CASE(an_empty_list_is_answered_too) {
  auto none = []() -> perdure::task<std::int64_t> {
    std::vector<perdure::call<Value>> calls;
    auto all = co_await calls;
    co_return static_cast<std::int64_t>(all.size());
  };
  start(none());
  runtime.go_on();
  BOOST_TEST(value() == 0);
}

BOOST_AUTO_TEST_CASE(many_tasks_in_a_row_need_no_more_stack_than_one) {
  auto short_one = []() -> perdure::task<std::int64_t> { co_return 1; };
  auto many = [&]() -> perdure::task<std::int64_t> {
    std::int64_t sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await short_one();
    co_return sum;
  };
  start(many());
  BOOST_TEST(value() == 1'000'000);
}

// ----------------------------------------------------------------------------------------- effects

BOOST_AUTO_TEST_CASE(an_effect_loses_its_type_with_and_without_a_coroutine) {
  using perdure::action_effect;
  auto at_once = []() -> perdure::task<action_effect<Value>> {
    return perdure::action_effects().reply(Value{});
  };
  auto later = []() -> perdure::task<action_effect<Value>> {
    co_await pause_for{};
    co_return perdure::action_effects().reject(status_code::not_found, "why");
  };
  auto erased = perdure::erase(at_once());
  BOOST_TEST(erased.is_ready());
  BOOST_TEST(std::move(erased).value().rejection.ok());

  auto waits = perdure::erase(later());
  BOOST_TEST(!waits.is_ready());
  waits.start(runtime, [this] { ++ended; });
  BOOST_TEST(ended == 0);
  runtime.go_on();
  BOOST_TEST(ended == 1);
  BOOST_TEST((std::move(waits).value().rejection.code() == status_code::not_found));
}

BOOST_AUTO_TEST_CASE(replies_are_yielded_one_by_one) {
  auto count = []() -> perdure::replies<Value> {
    witness here;
    for (int i = 1; i <= 2; ++i) {
      Value value;
      value.set_value(i);
      co_yield value;
      co_await pause_for{};
    }
  };
  {
    perdure::any_replies all = count();
    std::int64_t last = 0;
    for (int i = 1; i <= 2; ++i) {
      all.next(runtime, [this] { ++ended; });
      if (i > 1) runtime.go_on();
      BOOST_TEST(ended == i);
      auto effect = all.take();
      auto& reply = std::get<std::unique_ptr<google::protobuf::Message>>(effect.value().reply);
      last = static_cast<const Value&>(*reply).value();
      BOOST_TEST(last == i);
    }
    all.next(runtime, [this] { ++ended; });
    runtime.go_on();
    BOOST_TEST(!all.take().has_value());
    perdure::any_replies destroyed = count();
    destroyed.next(runtime, [] {});
    BOOST_TEST(witness::alive == 1);
  }
  BOOST_TEST(witness::alive == 0);
}

BOOST_AUTO_TEST_SUITE_END()
