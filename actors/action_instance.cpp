// The actor of one instance of an action. Before: actors/action_pool.cpp. Next:
// actors/handler_run.cpp.

#include "actors/action_instance.hpp"

#include <utility>
#include <vector>

#include "actors/user_code_guard.hpp"

namespace perdure::actors {
namespace {

// How late a run is ended that waits past its deadline, or whose caller has gone. Its transport
// answers in time.
constexpr std::chrono::milliseconds look_every{250};

}  // namespace

action_instance::action_instance(caf::actor_config& cfg,
                                 std::shared_ptr<const action_surroundings> around,
                                 std::shared_ptr<std::atomic<bool>> is_busy)
    : caf::event_based_actor(cfg), around_(std::move(around)), is_busy_(std::move(is_busy)) {}

caf::behavior action_instance::make_behavior() {
  return {
      [this](const arriving_ptr& arriving) { begin(arriving->take()); },
      [this](const resumption_ptr& r) { resume(*r); },
      [this](look_for_late) { end_late(); },
  };
}

// One that could not be made is tried again by the next run.
status action_instance::make_behaviour() {
  if (behaviour_) return {};
  return guarded(around_->type->name(), "making", "an instance",
                 [this] { behaviour_ = around_->type->model().create(); });
}

void action_instance::begin(const std::shared_ptr<handler_run>& run) {
  if (auto made = make_behaviour(); !made.ok()) return run->end(made);
  run_timed([&] { run->begin(caf::actor(this), *behaviour_); });
  if (run->has_ended()) return;
  waiting_.emplace(run.get(), run);
  if (std::exchange(is_looking_, true)) return;
  delayed_send(this, look_every, look_for_late{});
}

void action_instance::run_timed(const std::function<void()>& user_code) {
  *is_busy_ = true;
  auto begun = around_->env->steady_now();
  user_code();
  auto ended = around_->env->steady_now();
  around_->type->pace().took(ended - begun, ended);
  *is_busy_ = false;
}

void action_instance::resume(const resumption& r) {
  auto run = r.run.lock();
  if (!run || run->has_ended()) return;
  if (auto why = run->too_late()) {
    run->end(*why);
  } else {
    run_timed(r.what);
  }
  if (run->has_ended()) waiting_.erase(run.get());
}

void action_instance::end_late() {
  std::erase_if(waiting_, [](const auto& entry) {
    if (auto why = entry.second->too_late()) entry.second->end(*why);
    return entry.second->has_ended();
  });
  is_looking_ = !waiting_.empty();
  if (is_looking_) delayed_send(this, look_every, look_for_late{});
}

void action_instance::on_exit() {
  for (auto& [address, run] : std::exchange(waiting_, {})) {
    run->end(shutting_down());
  }
  behaviour_.reset();
}

}  // namespace perdure::actors
