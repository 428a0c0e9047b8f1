// The actors of one action, and which of them takes what. Before: actors/action_commands.cpp,
// actors/subscriptions.cpp. Next: actors/action_instance.cpp.

#include "actors/action_pool.hpp"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include "actors/action_instance.hpp"
#include "actors/calling_thread.hpp"
#include "actors/stream_run.hpp"

namespace perdure::actors {
namespace {

// Enough that one handler that is slow by mistake does not hold up all others.
constexpr std::size_t fewest_instances = 4;

// A run that takes one request and decides once.
class unary_run final : public handler_run {
 public:
  using handler_run::handler_run;
  std::function<void(result<decided_action>)> done;

 private:
  void decided(decided_action what) override {
    finish();
    std::exchange(done, nullptr)(std::move(what));
  }
  void ended(const status& why) override { std::exchange(done, nullptr)(why); }
};

}  // namespace

class action_pool::instances {
 public:
  instances(caf::actor_system& system, std::shared_ptr<const action_type> type,
            std::shared_ptr<const environment> env, std::weak_ptr<dispatcher> others)
      : system_(system),
        around_(std::make_shared<const action_surroundings>(
            action_surroundings{std::move(type), std::move(env), std::move(others)})) {
    auto count = std::max<std::size_t>(std::thread::hardware_concurrency(), fewest_instances);
    for (std::size_t i = 0; i < count; ++i) {
      auto is_busy = std::make_shared<std::atomic<bool>>(false);
      all_.push_back({system.spawn<action_instance, caf::lazy_init>(around_, is_busy), is_busy});
    }
  }

  const std::shared_ptr<const action_surroundings>& around() const { return around_; }

  void give(std::shared_ptr<handler_run> run, bool may_run_here) {
    const auto& env = *around_->env;
    bool here =
        may_run_here && env.runs_on_caller && around_->type->pace().is_quick(env.steady_now());
    auto order = run->order();
    auto arriving = std::make_shared<arriving_run>(std::move(run));
    calling_thread caller(system_);
    {
      std::lock_guard lock(mutex_);
      if (all_.empty()) return;
      const auto& actor = one_for(order).actor;
      if (here) {
        caller.send(actor, std::move(arriving));
      } else {
        caf::anon_send(actor, std::move(arriving));
      }
    }
    caller.run();
  }

  void stop() {
    std::lock_guard lock(mutex_);
    for (const auto& one : all_) {
      caf::anon_send_exit(one.actor, caf::exit_reason::user_shutdown);
    }
    all_.clear();
  }

 private:
  struct instance {
    caf::actor actor;
    std::shared_ptr<std::atomic<bool>> is_busy;  // it runs a handler just now
  };

  // Under the lock. Without an order one after the other, but past those that are busy.
  const instance& one_for(const std::string& order) {
    if (!order.empty()) return all_[std::hash<std::string>{}(order) % all_.size()];
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const auto& next = all_[next_++ % all_.size()];
      if (!*next.is_busy) return next;
    }
    return all_[next_++ % all_.size()];
  }

  caf::actor_system& system_;
  const std::shared_ptr<const action_surroundings> around_;

  std::mutex mutex_;
  std::vector<instance> all_;  // empty once it has stopped
  std::size_t next_ = 0;
};

action_pool::action_pool(caf::actor_system& system, std::shared_ptr<const action_type> type,
                         std::shared_ptr<const environment> env, std::weak_ptr<dispatcher> others)
    : instances_(std::make_shared<instances>(system, std::move(type), std::move(env),
                                             std::move(others))) {}

action_pool::~action_pool() { stop(); }

const action_type& action_pool::type() const { return *instances_->around()->type; }

void action_pool::run(action_run what) {
  auto run = std::make_shared<unary_run>(
      instances_->around(),
      handler_run::start{what.method, std::move(what.request), std::move(what.context),
                         what.deadline, std::move(what.cancelled), std::move(what.trace_parent),
                         std::move(what.identity), std::move(what.order), what.hops});
  run->done = std::move(what.done);
  instances_->give(std::move(run), what.may_run_here);
}

std::shared_ptr<action_stream> action_pool::open(stream_request what,
                                                 std::shared_ptr<stream_caller> caller) {
  auto stream = stream_run::make(instances_->around(), std::move(what), std::move(caller));
  instances_->give(stream, false);
  return stream;
}

void action_pool::stop() { instances_->stop(); }

}  // namespace perdure::actors
