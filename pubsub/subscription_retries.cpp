// What a subscription holds back: queues by key, whose first message is tried again when it is due,
// and those behind it as soon as it is gone. Before: subscription_handling.cpp. Next:
// subscription_admin.cpp.

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "pubsub/log_errors.hpp"
#include "pubsub/subscription_engine.hpp"

namespace perdure::pubsub {
namespace {

// So much of one queue is read at once, when more than its first message could be handled.
constexpr std::size_t queue_page_bytes_min = 4 << 10;
constexpr std::size_t queue_page_bytes_max = 64 << 10;
constexpr std::chrono::milliseconds warn_every{1000};

}  // namespace

// ---------------------------------------------------------------------------------- into the queue

void subscription::engine::put_into_queue(turn& t, const message_ptr& m,
                                          persistence::topic_effects& effects) {
  auto& state = keys_[m->key];
  --state.to_be_held;
  if (!state.held) state.held = std::make_unique<held_queue>();
  auto& queue = *state.held;
  persistence::held_message what;
  what.partition = m->partition;
  what.what = message_of(m->event, source_.topic, m->offset);
  if (!m->outcome.result.ok()) {
    what.attempts = 1;
    what.failed_at = around_.clock.now();
    what.retry_at = retry_time(m->outcome, 1);
    what.error = to_string(m->outcome.result);
  }
  // Of the clock, so that a number never comes again: it names the message to people.
  queue.next = std::max(queue.next, around_.step_times.next().bits);
  persistence::held_place place{name_, m->key, queue.next++};
  if (queue.is_empty()) {
    queue.first = place.number;
    queue.attempts = what.attempts;
    if (what.retry_at == timestamp::max()) warn_parked(t, what, m->key);
    set_due(m->key, queue, what.retry_at);
  }
  ++queue.messages;
  ++held_messages_;
  queue_bytes(queue, 0, bytes_of(what));
  effects.held.push_back({std::move(place), std::move(what)});
}

// A message of the queue takes other bytes than before. Where there is room again, it is read on.
void subscription::engine::queue_bytes(held_queue& queue, std::size_t before, std::size_t now) {
  bool had_no_room = held_bytes_ >= bounds_.held_bytes_max;
  queue.bytes += now - before;
  held_bytes_ += now - before;
  if (had_no_room && held_bytes_ < bounds_.held_bytes_max) mark_all();
}

timestamp subscription::engine::retry_time(const handled_message& outcome,
                                           std::uint32_t attempts) const {
  if (outcome.is_permanent || attempts >= bounds_.attempts_max) return timestamp::max();
  auto pause = bounds_.backoff_min;
  for (auto n = attempts; n > 1 && pause < bounds_.backoff_max; --n) pause *= 2;
  return around_.clock.now() + std::min(pause, bounds_.backoff_max);
}

// One of a second, and how many others: whole topics may be parked.
void subscription::engine::warn_parked(turn& t, const persistence::held_message& what,
                                       const std::string& key) {
  auto now = around_.clock.now();
  if (now >= warned_ && now - warned_ < warn_every) {
    if (++parked_since_ > 1) return;
    return run_later(t, warn_every, [this](turn&) {
      log_warning("subscription \"" + name_ + "\": messages of " + std::to_string(parked_since_) +
                  " more keys are parked");
      parked_since_ = 0;
    });
  }
  log_warning("subscription \"" + name_ + "\": the message at offset " +
              std::to_string(value(what.what.offset)) + " of " +
              place_in(source_.topic, what.partition) + " is parked after " +
              std::to_string(what.attempts) + (what.attempts == 1 ? " attempt" : " attempts") +
              "; those of its key \"" + key + "\" wait behind it" + ": " + what.error);
  warned_ = now;
}

// A step with these changes is durable.
void subscription::engine::queue_stored(const std::vector<persistence::held_change>& changes) {
  for (const auto& change : changes) {
    auto at = keys_.find(change.place.key);
    if (at == keys_.end() || !at->second.held) continue;
    auto& queue = *at->second.held;
    if (change.set && change.place.number >= queue.stored) {
      queue.stored = change.place.number + 1;
    } else if (change.place.number < queue.stored && queue.changes_in_flight > 0) {
      --queue.changes_in_flight;
    }
    due_again(at->first, queue);
  }
}

// -------------------------------------------------------------------------------------------- when

void subscription::engine::set_due(const std::string& key, held_queue& queue, timestamp at) {
  due_.erase({queue.retry_at, key});
  queue.retry_at = at;
  queue.is_due = false;
  if (at != timestamp::max()) due_.insert({at, key});
}

// What stood in the way of trying it may be gone.
void subscription::engine::due_again(const std::string& key, held_queue& queue) {
  if (std::exchange(queue.is_due, false)) due_.insert({queue.retry_at, key});
}

void subscription::engine::start_tries(turn& t) {
  if (is_paused_ || is_stopping_) return;
  auto now = around_.clock.now();
  while (!due_.empty() && due_.begin()->first <= now && tries_ < bounds_.window) {
    auto key = due_.begin()->second;
    due_.erase(due_.begin());
    if (!start_try(t, key)) keys_[key].held->is_due = true;
  }
  if (due_.empty() || tries_ >= bounds_.window) return;
  auto next = due_.begin()->first;
  if (next >= next_look_) return;
  next_look_ = next;
  run_later(t, next - now, [this, next](turn&) {
    if (next_look_ == next) next_look_ = timestamp::max();
  });
}

// False: not now.
bool subscription::engine::start_try(turn& t, const std::string& key) {
  auto& state = keys_[key];
  auto& queue = *state.held;
  if (state.is_busy || queue.is_tried || queue.changes_in_flight > 0 || queue.is_empty() ||
      queue.first >= queue.stored) {
    return false;
  }
  queue.is_tried = true;
  ++tries_;
  run_elsewhere(t, [this, era = era_, key, first = queue.first, bytes = queue.page_bytes] {
    persistence::held_place before{name_, key, first - 1};
    auto page = around_.store.read_held(name_, before, bytes);
    turn then(*this);
    if (era == era_) first_read(then, key, std::move(page));
  });
  return true;
}

void subscription::engine::first_read(turn& t, const std::string& key,
                                      result<std::vector<persistence::stored_held_message>> page) {
  auto& state = keys_[key];
  auto& queue = *state.held;
  if (!page.ok()) return fail(t, page.error());
  for (auto& entry : *page) {
    if (entry.place.key == key) queue.loaded.push_back(std::move(entry));
  }
  if (queue.loaded.empty()) {
    return fail(t, {status_code::aborted,
                    "what is held back of key \"" + key + "\" is not in the store any more"});
  }
  if (state.is_busy || is_paused_ || is_stopping_) {
    set_due(key, queue, queue.retry_at);
    return end_try(t, key, queue);
  }
  hand_first(t, key, state);
}

// --------------------------------------------------------------------------------------------- try

// Of those that were read. One that is parked stays so.
void subscription::engine::hand_first(turn& t, const std::string& key, key_state& state) {
  auto& queue = *state.held;
  auto m = std::make_shared<message>();
  m->era = era_;
  m->key = key;
  m->held = std::move(queue.loaded.front());
  queue.loaded.pop_front();
  const auto& what = m->held->what;
  queue.first = m->held->place.number;
  queue.attempts = what.attempts;
  if (what.retry_at == timestamp::max()) {
    set_due(key, queue, timestamp::max());
    return end_try(t, key, queue);
  }
  m->partition = what.partition;
  m->offset = what.what.offset;
  m->attempt = what.attempts + 1;
  state.is_busy = true;
  auto event = event_of(what.what);
  if (!event) {
    // It can be read no better than before.
    handled_message failed;
    failed.result = event.error();
    failed.is_permanent = true;
    return tried(t, m, std::move(failed));
  }
  m->event = *std::move(event);
  ready_.push_back(m);
}

void subscription::engine::tried(turn& t, const message_ptr& m, handled_message outcome) {
  auto& state = keys_[m->key];
  auto& queue = *state.held;
  auto& place = m->held->place;
  auto& what = m->held->what;
  auto effects = std::make_shared<persistence::mail_effects>();
  ++queue.changes_in_flight;
  if (outcome.result.ok()) {
    effects->mail = std::move(outcome.mail);
    effects->timers = std::move(outcome.timers);
    effects->topics.messages = std::move(outcome.messages);
    effects->topics.held.push_back({place, {}});
    submit(t, effects, [this](turn&) { ++handled_; });
    state.is_busy = false;
    return first_is_gone(t, m->key, what);
  }
  auto old_bytes = bytes_of(what);
  ++what.attempts;
  if (what.attempts == 1) what.failed_at = around_.clock.now();
  what.retry_at = retry_time(outcome, what.attempts);
  what.error = to_string(outcome.result);
  queue.attempts = what.attempts;
  queue.page_bytes = 1;
  queue_bytes(queue, old_bytes, bytes_of(what));
  if (what.retry_at == timestamp::max()) warn_parked(t, what, m->key);
  set_due(m->key, queue, what.retry_at);
  effects->topics.held.push_back({place, std::move(what)});
  submit(t, effects, {});
  end_try(t, m->key, queue);
  let_go(m->key);
}

// The step that takes it out is on its way; those behind it follow at once.
void subscription::engine::first_is_gone(turn& t, const std::string& key,
                                         const persistence::held_message& what) {
  auto at = keys_.find(key);
  auto& queue = *at->second.held;
  --queue.messages;
  --held_messages_;
  queue_bytes(queue, bytes_of(what), 0);
  if (queue.is_empty()) {
    set_due(key, queue, timestamp::max());
    end_try(t, key, queue);
    at->second.held.reset();
    return forget_if_idle(at);
  }
  queue.first = queue.first + 1;  // or behind it: reading tells
  queue.attempts = 0;
  set_due(key, queue, around_.clock.now());
  if (queue.loaded.empty()) {
    queue.page_bytes = std::clamp(queue.page_bytes * 4, queue_page_bytes_min, queue_page_bytes_max);
  }
  if (queue.loaded.empty() || is_paused_ || is_stopping_) return end_try(t, key, queue);
  due_.erase({queue.retry_at, key});
  hand_first(t, key, at->second);
}

void subscription::engine::end_try(turn& t, const std::string& key, held_queue& queue) {
  queue.is_tried = false;
  queue.loaded.clear();
  --tries_;
  due_again(key, queue);
  for (auto& call : std::exchange(queue.after_try, {})) t.after(std::move(call));
}

}  // namespace perdure::pubsub
