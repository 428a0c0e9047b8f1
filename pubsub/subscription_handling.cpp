// A subscription hands messages over, one after the other per key, and what has become of them goes
// into steps in the order of the source. While two steps of a partition are on their way to the
// disk, what is decided waits for the third: so a slow disk makes larger steps. Before:
// subscription_reading.cpp. Next: subscription_retries.cpp, persistence/group_commit.cpp.

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "pubsub/subscription_engine.hpp"

namespace perdure::pubsub {
namespace {

constexpr std::size_t steps_in_flight_max = 2;
constexpr std::size_t step_bytes_max = 1 << 20;

// Where so much is not for us, the cursor moves though no message has come.
constexpr std::uint64_t passed_over_max = 1000;

std::size_t bytes_of(const handled_message& outcome) {
  std::size_t bytes = 0;
  for (const auto& mail : outcome.mail) bytes += persistence::bytes_of(mail);
  for (const auto& m : outcome.messages) bytes += persistence::bytes_of(m);
  for (const auto& timer : outcome.timers) {
    if (timer.set) bytes += persistence::bytes_of(timer.set->what);
  }
  return bytes;
}

}  // namespace

void subscription::engine::serve(turn& t, partition& p) {
  fill_window(p);
  while (has_step(p)) {
    submit_step(t, p);
    fill_window(p);
  }
  read_on(t, p);
}

void subscription::engine::fill_window(partition& p) {
  while (may_take() && !p.ahead.empty() && p.window.size() + p.in_steps < bounds_.window) {
    p.window.push_back(std::move(p.ahead.front()));
    p.ahead.pop_front();
    p.ahead_bytes -= p.window.back()->bytes;
    admit(p.window.back());
  }
}

// ------------------------------------------------------------------------------- to the handler

void subscription::engine::admit(const message_ptr& m) {
  if (m->state == message::is_duplicate) return;
  auto& state = keys_[m->key];
  if (state.is_held() || !m->outcome.result.ok()) {
    hold(m, state);
  } else if (state.is_busy) {
    state.waiting.push_back(m);
  } else {
    state.is_busy = true;
    ready_.push_back(m);
  }
}

// The next step puts it into its key's held queue; those that wait for it follow.
void subscription::engine::hold(const message_ptr& m, key_state& state) {
  m->state = message::is_to_be_held;
  ++state.to_be_held;
  for (auto& waiting : std::exchange(state.waiting, {})) {
    if (is_stale(*waiting)) continue;
    waiting->state = message::is_to_be_held;
    ++state.to_be_held;
    mark(*partitions_[waiting->partition]);
  }
}

// By one thread at a time, so that it is in order; one that comes meanwhile leaves it to that one.
// A handler that is done at once comes back into this object, but not into this function.
void subscription::engine::hand_over() {
  std::unique_lock lock(mutex_);
  if (std::exchange(is_handing_, true)) return;
  std::vector<message_ptr> batch;
  while (!ready_.empty()) {
    batch.swap(ready_);
    std::erase_if(batch, [this](const message_ptr& m) {
      bool goes = !is_stale(*m) && !is_stopping_;
      if (goes) {
        m->state = message::is_handed;
        ++under_way_;
      } else {
        if (m->held && m->era == era_) --tries_;
        let_go(m->key);
      }
      return !goes;
    });
    lock.unlock();
    for (const auto& m : batch) hand(m);
    batch.clear();
    lock.lock();
  }
  is_handing_ = false;
  if (!is_stopping_) return;
  lock.unlock();
  turn last(*this);
}

void subscription::engine::hand(const message_ptr& m) {
  handler_(m->event, origin_of(*m), m->attempt,
           [self = shared_from_this(), m](handled_message outcome) {
             self->returned(m, std::move(outcome));
           });
}

std::string subscription::engine::origin_of(const message& m) const {
  return description_ + "/" + std::to_string(m.partition) + "@" + std::to_string(value(m.offset));
}

// --------------------------------------------------------------------------------- from the
// handler

void subscription::engine::returned(const message_ptr& m, handled_message outcome) {
  turn t(*this);
  PERDURE_CHECK(m->state == message::is_handed);
  m->state = message::is_handled;
  --under_way_;
  if (is_stale(*m)) {
    let_go(m->key);
  } else if (m->held) {
    tried(t, m, std::move(outcome));
  } else {
    handled(m, std::move(outcome));
  }
}

void subscription::engine::handled(const message_ptr& m, handled_message outcome) {
  m->outcome = std::move(outcome);
  mark(*partitions_[m->partition]);
  if (!m->outcome.result.ok()) hold(m, keys_[m->key]);
  let_go(m->key);
}

void subscription::engine::let_go(const std::string& key) {
  auto at = keys_.find(key);
  auto& state = at->second;
  state.is_busy = false;
  auto next = std::ranges::find_if(state.waiting, [&](const auto& m) { return !is_stale(*m); });
  if (next != state.waiting.end()) {
    state.is_busy = true;
    ready_.push_back(std::move(*next));
    state.waiting.erase(state.waiting.begin(), next + 1);
    return;
  }
  state.waiting.clear();
  if (state.held) due_again(key, *state.held);
  forget_if_idle(at);
}

void subscription::engine::forget_if_idle(keys::iterator at) {
  if (at->second.is_idle()) keys_.erase(at);
}

// ------------------------------------------------------------------------------------------- steps

bool subscription::engine::has_step(const partition& p) const {
  if (p.steps >= steps_in_flight_max || phase_ != phase::running) return false;
  if (!p.window.empty()) return p.window.front()->state >= message::is_handled;
  bool has_passed_over =
      p.read > p.given && value(p.read) - value(p.given) >= passed_over_max && p.steps == 0;
  return p.ahead.empty() && !is_stopping_ && (p.must_move || has_passed_over);
}

// All that is decided from the front of the window on.
void subscription::engine::submit_step(turn& t, partition& p) {
  auto effects = std::make_shared<persistence::mail_effects>();
  std::size_t messages = 0;
  auto next = p.given;
  for (std::size_t bytes = 0; !p.window.empty() && bytes < step_bytes_max; ++messages) {
    const auto m = p.window.front();
    if (m->state < message::is_handled) break;
    bytes += m->state == message::is_to_be_held ? m->bytes : bytes_of(m->outcome);
    next = m->offset + 1;
    take_into(t, m, *effects);
    p.window.pop_front();
  }
  if (p.is_empty()) {
    next = p.read;
    p.must_move = false;
  }
  effects->topics.cursors.push_back({name_, p.number, p.given, next});
  p.given = next;
  p.in_steps += messages;
  ++p.steps;
  submit(t, effects, [this, number = p.number, next, messages](turn& then) {
    auto& stored = *partitions_[number];
    stored.stored = next;
    stored.in_steps -= messages;
    --stored.steps;
    handled_ += messages;
    mark(stored);
    report_consumed(then);
  });
}

void subscription::engine::take_into(turn& t, const message_ptr& m,
                                     persistence::mail_effects& effects) {
  auto append = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  if (m->state == message::is_to_be_held) {
    put_into_queue(t, m, effects.topics);
  } else {
    append(effects.mail, m->outcome.mail);
    append(effects.timers, m->outcome.timers);
    append(effects.topics.messages, m->outcome.messages);
  }
  if (!m->subject.empty() && m->state != message::is_duplicate) {
    effects.topics.seen.push_back({name_, m->subject, *m->event.sequence});
  }
}

void subscription::engine::submit(turn& /*t*/, effects_ptr effects, std::function<void(turn&)> then,
                                  on_done done) {
  persistence::step s;
  s.entity = owner_;
  s.kind = persistence::step_kind::mail_only;
  s.time = around_.step_times.next();
  s.generation = generation_;
  s.is_void = is_void_;
  s.mail = effects;
  ++steps_;
  ++under_way_;
  around_.commits.submit(std::move(s),
                         [self = shared_from_this(), era = era_, effects, then = std::move(then),
                          done = std::move(done)](const status& result) {
                           self->submitted(era, effects, result, then, done);
                         });
}

// On the committer's thread.
void subscription::engine::submitted(std::uint64_t era, const effects_ptr& effects,
                                     const status& result, const std::function<void(turn&)>& then,
                                     const on_done& done) {
  if (result.ok()) {
    around_.committed(*effects);
  } else if (result.code() != status_code::aborted) {
    around_.failed();
  }
  turn t(*this, turn::thread::committer);
  --steps_;
  --under_way_;
  if (!result.ok()) {
    if (era == era_) fail(t, result);
    return tell(t, done,
                {status_code::unavailable,
                 "the store failed, so it may or may not have taken "
                 "effect; look, and try again: " +
                     to_string(result)});
  }
  tell(t, done, {});
  if (era != era_) return;
  backoff_ = {};
  queue_stored(effects->topics.held);
  if (then) then(t);
}

}  // namespace perdure::pubsub
