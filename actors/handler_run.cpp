// One run of a handler of an action. Before: actors/action_instance.cpp. Next:
// actors/action_decision.cpp; for its calls actors/exchange.cpp.

#include "actors/handler_run.hpp"

#include <utility>

#include <caf/send.hpp>

#include "actors/caf_messages.hpp"
#include "actors/effect_parts.hpp"
#include "actors/user_code_guard.hpp"
#include "base/check.hpp"
#include "base/log_position.hpp"
#include "base/uuid.hpp"

namespace perdure::actors {
namespace {

using google::protobuf::Message;

}  // namespace

arriving_run::~arriving_run() {
  if (run_) run_->end(shutting_down());
}

handler_run::handler_run(std::shared_ptr<const action_surroundings> around, start with)
    : around_(std::move(around)), with_(std::move(with)) {}

// ----------------------------------------------------------------------------------- its coroutine

void handler_run::begin(caf::actor home, action& behaviour) {
  if (auto why = too_late()) return end(*why);
  others_ = around_->others.lock();
  if (!others_) return end(shutting_down());
  {
    std::lock_guard lock(mutex_);
    home_ = std::move(home);
  }
  behaviour_ = &behaviour;
  auto begun = guard("handling", [&] {
    action_context_scope scope(*behaviour_, with_.context);
    output_.emplace(behaviour_->handle(with_.method, with_.input));
  });
  if (!begun.ok()) return end(begun);
  next();
}

void handler_run::next() {
  resume([this] {
    if (auto* one = std::get_if<task<any_action_effect>>(&*output_)) {
      one->start(*this, [this] { has_told_ = true; });
    } else {
      std::get<any_replies>(*output_).next(*this, [this] { has_told_ = true; });
    }
  });
}

// What the coroutine tells is dealt with when it has left the stack: dealing with it may destroy
// it.
void handler_run::resume(const std::function<void()>& what) {
  {
    action_context_scope scope(*behaviour_, with_.context);
    what();
  }
  if (std::exchange(has_told_, false)) take();
}

void handler_run::take() {
  std::optional<any_action_effect> effect;
  auto taken = guard("handling", [&] {
    if (auto* one = std::get_if<task<any_action_effect>>(&*output_)) {
      effect = std::move(*one).value();
    } else {
      effect = std::get<any_replies>(*output_).take();
    }
  });
  if (!taken.ok()) return end(taken);
  if (!effect) return end({});
  if (!effect->rejection.ok()) return end(effect->rejection);
  if (std::holds_alternative<any_call>(effect->reply)) return forward(*std::move(effect));
  settle(*std::move(effect));
}

void handler_run::settle(any_action_effect effect) {
  auto what = decide({*around_->type, with_.method, with_.context, others_->directory(),
                      *around_->env, with_.trace_parent, with_.identity, with_.order},
                     std::move(effect));
  if (!what.ok()) return end(what.error());
  what->positions = std::exchange(positions_, {});
  decided(*std::move(what));
}

status handler_run::guard(std::string_view doing, const std::function<void()>& user_code) {
  return guarded(around_->type->name(), doing, method().descriptor->name(), user_code);
}

std::optional<status> handler_run::too_late() const {
  if (with_.cancelled && *with_.cancelled) {
    return status(status_code::cancelled, "the caller went away");
  }
  if (with_.deadline <= around_->env->clock.now()) {
    return status(
        status_code::deadline_exceeded,
        "the handler had not ended by the deadline; what it has called may have happened");
  }
  return std::nullopt;
}

void handler_run::end(const status& why) {
  if (has_ended_) return;
  finish();
  ended(why);
}

void handler_run::finish() {
  has_ended_ = true;
  output_.reset();
  with_.input = {};
  others_.reset();
  std::lock_guard lock(mutex_);
  home_ = nullptr;
}

dispatcher* handler_run::others() { return others_.get(); }

void handler_run::post(std::function<void()> what, std::chrono::milliseconds delay) {
  auto message = std::make_shared<resumption>(resumption{weak_from_this(), std::move(what)});
  std::lock_guard lock(mutex_);
  if (!home_) return;
  if (delay.count() > 0) {
    caf::delayed_anon_send(home_, delay, std::move(message));
  } else {
    caf::anon_send(home_, std::move(message));
  }
}

// ---------------------------------------------------------------------------------- what it awaits

void handler_run::call(const any_call& what, on_reply tell) {
  make_call(what, 0, [this, tell = std::move(tell)](auto reply) {
    resume([&] { tell(std::move(reply)); });
  });
}

void handler_run::pause(std::chrono::milliseconds time, std::function<void()> tell) {
  post([this, tell = std::move(tell)] { resume(tell); }, time);
}

// `tell` is called in the actor, while this has not ended.
void handler_run::make_call(const any_call& what, std::uint32_t hops, on_reply tell) {
  auto c = command_of(what);
  auto reply_to_this = [weak = weak_from_this(), called = &what.method(),
                        tell = std::move(tell)](outcome o) {
    auto self = weak.lock();
    if (!self) return;
    auto shared = std::make_shared<outcome>(std::move(o));
    self->post([self = self.get(), called, shared, tell] {
      self->replied(*called, std::move(*shared), tell);
    });
  };
  if (!c.ok()) return reply_to_this({c.error(), {}});
  c->hops = hops;
  c->reply = std::move(reply_to_this);
  others_->call(*std::move(c));
}

result<command> handler_run::command_of(const any_call& what) {
  mail_writer writer({others_->directory(), *around_->env, with_.order, with_.trace_parent,
                      forwarded(*around_->type, with_.context)});
  auto mail = writer.address(what);
  if (!mail.ok()) return mail.error();
  auto number = ++calls_;
  if (!with_.identity.empty()) {
    mail->idempotency_key = with_.identity + "#" + std::to_string(number);
    if (mail->idempotency_key.size() > around_->env->limits.idempotency_key_bytes_max) {
      mail->idempotency_key = uuid_of({"call", mail->idempotency_key});
    }
  }
  auto c = others_->directory().read(*mail);
  if (!c.ok()) return c;
  c->deadline = with_.deadline;
  c->cancelled = with_.cancelled;
  return c;
}

void handler_run::replied(const google::protobuf::MethodDescriptor& called, outcome o,
                          const on_reply& tell) {
  if (!o.result.ok()) return tell(o.result);
  positions_ = merged_positions(positions_, o.positions);
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  std::unique_ptr<Message> reply(factory->GetPrototype(called.output_type())->New());
  if (!reply->ParseFromString(o.reply)) {
    return tell(status(status_code::internal, "the reply of " + called.full_name() +
                                                  " cannot be read: a string that is not UTF-8, or "
                                                  "messages nested too deeply"));
  }
  tell(std::move(reply));
}

void handler_run::forward(any_action_effect effect) {
  if (auto s = check_hops(with_.hops, method().descriptor->full_name(), around_->env->limits);
      !s.ok()) {
    return end(s);
  }
  auto what = std::get<any_call>(effect.reply);
  auto rest = std::make_shared<any_action_effect>(std::move(effect));
  make_call(what, with_.hops + 1, [this, rest](auto reply) {
    if (!reply.ok()) return end(reply.error());
    rest->reply = *std::move(reply);
    settle(std::move(*rest));
  });
}

}  // namespace perdure::actors
