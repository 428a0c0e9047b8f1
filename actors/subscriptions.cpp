// From subscriptions to actions: each message that pubsub/subscription.cpp reads becomes a run of a
// handler (actors/action_pool.cpp), and what the handler decides becomes part of the step that
// moves the subscription's cursor.

#include "actors/subscriptions.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "actors/effect_parts.hpp"
#include "base/check.hpp"
#include "base/log.hpp"
#include "pubsub/entity_log.hpp"
#include "pubsub/message_takers.hpp"

namespace perdure::actors {
namespace {

using pubsub::cloud_event;
using pubsub::handled_message;
using source_kind = pubsub::message_source::kind;

// How often it is looked whether a full mailbox has room again.
constexpr std::chrono::milliseconds room_pause{20};

// A message's attributes as a handler finds them: under the names of their headers.
perdure::metadata metadata_of(const cloud_event& event) {
  auto all = event.metadata;
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) all.emplace(name, value);
  };
  add("ce-id", event.id);
  add("ce-source", event.source);
  add("ce-type", event.type);
  add("ce-subject", event.subject);
  add("ce-datacontenttype", event.content_type);
  add("traceparent", event.trace_parent);
  if (event.sequence) add("ce-sequence", std::to_string(*event.sequence));
  return all;
}

// What is decided of one message is part of one step.
status check_size(const decided_action& decided, const limits& bounds) {
  std::size_t bytes = 0;
  for (const auto& mail : decided.mail) bytes += persistence::bytes_of(mail);
  for (const auto& m : decided.messages) bytes += persistence::bytes_of(m);
  if (bytes <= bounds.step_bytes_max) return {};
  return {status_code::resource_exhausted,
          "the effect of the handler has " + std::to_string(bytes) + " bytes, at most " +
              std::to_string(bounds.step_bytes_max) + " are allowed"};
}

// Gives the messages of one subscription to its action. The origin of a message is the
// subscription's description and its place: "topic flights/3@17".
class message_giver : public std::enable_shared_from_this<message_giver> {
 public:
  using run_later = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

  message_giver(subscription_plan plan, action_pool& pool, std::shared_ptr<const environment> env,
                run_later later)
      : plan_(std::move(plan)), pool_(pool), env_(std::move(env)), later_(std::move(later)) {}

  void give(const cloud_event& event, const std::string& origin, std::uint32_t attempt,
            std::function<void(handled_message)> done) const {
    auto taken = take(plan_.takers, event);
    if (!taken.ok()) return done({.result = taken.error(), .is_permanent = true});
    if (taken->by == nullptr) return done({});
    pool_.run({.method = taken->by->method,
               .request = std::move(taken->request),
               .context = {metadata_of(event), event.subject, origin, attempt},
               .deadline = env_->clock.now() + env_->limits.message_deadline,
               .cancelled = nullptr,
               .trace_parent = event.trace_parent,
               .identity = identity_of(event, origin),
               .order = event.subject.empty() ? origin : event.subject,
               .done = [self = shared_from_this(),
                        done = std::move(done)](result<decided_action> decided) {
                 if (!decided.ok()) return done({.result = decided.error()});
                 if (auto s = check_size(*decided, self->env_->limits); !s.ok()) {
                   return done({.result = s});
                 }
                 self->finish({.result = {},
                               .is_permanent = false,
                               .mail = std::move(decided->mail),
                               .timers = std::move(decided->timers),
                               .messages = std::move(decided->messages)},
                              self->env_->clock.now() + self->env_->limits.message_deadline, done);
               }});
  }

 private:
  // Of the message, however often it comes. Its place alone is not enough: a topic that was deleted
  // and made again has the same places for other messages.
  std::string identity_of(const cloud_event& event, const std::string& origin) const {
    auto time = event.time.value_or(timestamp{}).time_since_epoch().count();
    return plan_.name + origin.substr(plan_.source().description().size()) + "/" +
           (event.id.empty() ? std::to_string(time) : event.id);
  }

  // Where the mailbox of a target is full, waits for room: so a subscription is not faster than
  // those whom it sends to.
  void finish(handled_message what, timestamp until,
              const std::function<void(handled_message)>& done) const {
    auto room = check_room(*env_, what.mail);
    if (room.ok()) return done(std::move(what));
    if (env_->clock.now() >= until) return done({.result = room});
    auto waiting = std::make_shared<handled_message>(std::move(what));
    later_(room_pause, [self = shared_from_this(), waiting, until, done] {
      self->finish(std::move(*waiting), until, done);
    });
  }

  const subscription_plan plan_;
  action_pool& pool_;
  const std::shared_ptr<const environment> env_;
  const run_later later_;
};

pubsub::subscription_limits bounds_of(const limits& all) {
  return {.attempts_max = all.attempts_max,
          .backoff_min = all.backoff_min,
          .backoff_max = all.backoff_max,
          .window = all.subscription_window,
          .held_bytes_max = all.held_bytes_max};
}

}  // namespace

subscriptions::subscriptions(std::shared_ptr<const environment> env,
                             const entity_directory& directory, const surroundings& around) {
  const auto& home = *env->topics;
  for (const auto& type : directory.actions()) {
    auto& pool = *around.pool(type->name());
    for (auto& plan : plans_of(*type)) {
      pubsub::subscription_source source{&home.topics, plan.source().name, home.may_repeat,
                                         plan.from_end};
      // What entities tell does not wait behind a Kafka that is away.
      auto elsewhere = plan.source().from == source_kind::topic ? home.elsewhere : env->reads;
      auto later = [later = around.later, elsewhere](std::chrono::milliseconds delay,
                                                     std::function<void()> what) {
        later(delay, [elsewhere, what = std::move(what)] { elsewhere(what); });
      };
      if (plan.source().from != source_kind::topic) {
        auto entity = directory.find(plan.source().name);
        PERDURE_CHECK(entity != nullptr);
        const auto& model = entity->model();
        logs_.push_back(std::make_unique<pubsub::entity_log>(
            env->store_of(model.kind), model.service_name, env->growth_of(model.kind), env->reads));
        source.log = logs_.back().get();
        source.may_repeat = false;
      }
      auto name = plan.name;
      auto description = plan.source().description();
      auto giver = std::make_shared<const message_giver>(std::move(plan), pool, env, later);
      all_.push_back(std::make_shared<pubsub::subscription>(
          std::move(name), std::move(description), type->key(std::string(no_id)), source,
          [giver](const cloud_event& event, const std::string& origin, std::uint32_t attempt,
                  std::function<void(handled_message)> done) {
            giver->give(event, origin, attempt, std::move(done));
          },
          bounds_of(env->limits),
          pubsub::subscription::surroundings{.store = env->store,
                                             .commits = env->commits,
                                             .clock = env->clock,
                                             .step_times = env->step_times,
                                             .elsewhere = elsewhere,
                                             .later = later,
                                             .committed = around.committed,
                                             .failed = around.failed}));
    }
  }
}

void subscriptions::start() {
  for (const auto& one : all_) one->start();
}

bool subscriptions::stop(std::chrono::steady_clock::time_point end) {
  if (std::exchange(is_stopped_, true)) return true;
  struct rest {
    std::mutex mutex;
    std::condition_variable ended;
    std::size_t count;
  };
  auto left = std::make_shared<rest>();
  left->count = all_.size();
  for (const auto& one : all_) {
    one->stop([left] {
      std::lock_guard lock(left->mutex);
      if (--left->count == 0) left->ended.notify_all();
    });
  }
  std::unique_lock lock(left->mutex);
  return left->ended.wait_until(lock, end, [&] { return left->count == 0; });
}

// --------------------------------------------------------------------------------------- checking

namespace {

status refused(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

status check_entity(const subscription_plan& plan, const action_type& by,
                    std::span<const entity_model> entities) {
  for (const auto& entity : entities) {
    if (entity.entity_type != plan.source().name) continue;
    bool is_key_value = entity.kind == entity_kind::key_value;
    if (is_key_value == (plan.source().from == source_kind::value_entity)) return {};
    return refused(by.name() + " subscribes to " + plan.source().description() + ", but " +
                   entity.component + " is " +
                   (is_key_value ? "a key-value entity: write value_entity"
                                 : "event sourced: write event_sourced_entity"));
  }
  return refused(by.name() + " subscribes to " + plan.source().description() +
                 ", but no entity of this process has that type; add the service that has it");
}

}  // namespace

status check_subscriptions(std::span<const entity_model> entities,
                           std::span<const action_model> actions) {
  std::map<std::string, std::string> by_name;
  for (const auto& model : actions) {
    action_type type(model);
    for (const auto& plan : plans_of(type)) {
      if (auto [first, added] = by_name.emplace(plan.name, type.name()); !added) {
        return refused(first->second + " and " + type.name() + " have both the subscription \"" +
                       plan.name + "\": give one of them a consumer_group of its own");
      }
      if (plan.source().from == source_kind::topic) continue;
      if (auto s = check_entity(plan, type, entities); !s.ok()) return s;
    }
  }
  return {};
}

}  // namespace perdure::actors
