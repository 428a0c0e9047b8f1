// The life of a subscription: it loads how far it got, runs, and loads again after a failed commit.
// Next: subscription_reading.cpp.

#include "pubsub/subscription.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "pubsub/subscription_engine.hpp"

namespace perdure::pubsub {
namespace {

constexpr std::size_t held_page_bytes = 1 << 20;
constexpr std::chrono::milliseconds store_backoff_min{100};
constexpr std::chrono::milliseconds store_backoff_max{5000};

status not_running(const std::string& name) {
  return {status_code::unavailable, "the subscription \"" + name + "\" has ended"};
}

}  // namespace

// -------------------------------------------------------------------------------------
// subscription

subscription::subscription(std::string name, std::string description, entity_key owner,
                           subscription_source source, message_handler handler,
                           subscription_limits bounds, surroundings around)
    : engine_(std::make_shared<engine>(std::move(name), std::move(description), std::move(owner),
                                       std::move(source), std::move(handler), bounds,
                                       std::move(around))) {}

void subscription::start() { engine_->start(); }
void subscription::stop(std::function<void()> ended) { engine_->stop(std::move(ended)); }
void subscription::pause(on_done done) { engine_->set_paused(true, std::move(done)); }
void subscription::resume(on_done done) { engine_->set_paused(false, std::move(done)); }
void subscription::rewind(std::vector<position> to, on_done done) {
  engine_->rewind(std::move(to), std::move(done));
}
void subscription::rewind(timestamp to, on_done done) { engine_->rewind(to, std::move(done)); }
void subscription::retry(const std::string& key, on_done done) {
  engine_->retry(key, std::move(done));
}
void subscription::retry_all(on_done done) { engine_->retry_all(std::move(done)); }
void subscription::skip(const std::string& key, std::uint64_t number, on_done done) {
  engine_->skip(key, number, std::move(done));
}
subscription_status subscription::status_now() const { return engine_->status_now(); }

// -------------------------------------------------------------------------------------------- turn

subscription::engine::turn::turn(engine& e, thread on) : engine_(e), on_(on), lock_(e.mutex_) {}

subscription::engine::turn::~turn() {
  bool has_ready = false;
  if (on_ == thread::any) {
    engine_.advance(*this);
    has_ready = !engine_.ready_.empty() && !engine_.is_handing_;
  } else if (!std::exchange(engine_.is_advance_due_, true)) {
    engine_.run_elsewhere(*this, [e = &engine_] {
      turn later(*e);
      e->is_advance_due_ = false;
    });
  }
  lock_.unlock();
  for (auto& call : after_) call();
  if (has_ready) engine_.hand_over();
}

// -------------------------------------------------------------------------------------------- life

subscription::engine::engine(std::string name, std::string description, entity_key owner,
                             subscription_source source, message_handler handler,
                             subscription_limits bounds, surroundings around)
    : name_(std::move(name)),
      description_(std::move(description)),
      owner_(std::move(owner)),
      source_(std::move(source)),
      handler_(std::move(handler)),
      bounds_(bounds),
      around_(std::move(around)) {}

void subscription::engine::start() {
  auto self = shared_from_this();
  turn t(*this);
  if (phase_ != phase::new_born || is_stopping_) return;
  phase_ = phase::loading;
  run_elsewhere(t, [this] { load(); });
}

void subscription::engine::stop(std::function<void()> ended) {
  auto self = shared_from_this();
  turn t(*this);
  is_stopping_ = true;
  ended_ = std::move(ended);
  for (auto& what : std::exchange(when_loaded_, {})) what(t, not_running(name_));
  t.after([this] { source_.log->stop(name_); });
}

void subscription::engine::load() {
  auto loaded = read_store();
  turn t(*this);
  if (is_stopping_) return;
  if (loaded.ok()) return begin_era(t, *std::move(loaded));
  store_problem_ = "cannot be loaded: " + to_string(loaded.error());
  log_warning("subscription \"" + name_ + "\" " + store_problem_ + "; trying again");
  for (auto& what : std::exchange(when_loaded_, {})) what(t, loaded.error());
  backoff_ = std::clamp(backoff_ * 2, store_backoff_min, store_backoff_max);
  run_later(t, backoff_, [this](turn& later) { run_elsewhere(later, [this] { load(); }); });
}

// The generation comes first: what is read after it may only be newer.
result<subscription::engine::loaded_state> subscription::engine::read_store() {
  loaded_state loaded;
  loaded.generation = around_.store.generation();
  auto cursors = around_.store.read_cursors(name_);
  if (!cursors) return cursors.error();
  for (const auto& c : *cursors) loaded.cursors[c.partition] = c.next;
  auto paused = around_.store.is_paused(name_);
  if (!paused) return paused.error();
  loaded.is_paused = *paused;
  std::optional<persistence::held_place> last;
  while (true) {
    auto page = around_.store.read_held(name_, last, held_page_bytes);
    if (!page) return page.error();
    if (page->empty()) return loaded;
    for (const auto& [place, what] : *page) {
      auto& queue = loaded.queues[place.key];
      if (queue.is_empty()) {
        queue.first = place.number;
        queue.attempts = what.attempts;
        queue.retry_at = what.retry_at;
      }
      queue.next = queue.stored = place.number + 1;
      ++queue.messages;
      queue.bytes += bytes_of(what);
    }
    last = page->back().place;
  }
}

void subscription::engine::begin_era(turn& t, loaded_state loaded) {
  phase_ = phase::running;
  ++era_;
  is_void_ = std::make_shared<std::atomic<bool>>(false);
  generation_ = loaded.generation;
  cursors_ = std::move(loaded.cursors);
  is_paused_ = loaded.is_paused;
  store_problem_.clear();
  for (auto& [key, queue] : loaded.queues) {
    held_messages_ += queue.messages;
    held_bytes_ += queue.bytes;
    auto& state = keys_[key];
    state.held = std::make_unique<held_queue>(std::move(queue));
    set_due(key, *state.held, state.held->retry_at);
  }
  discover(t);
  for (auto& what : std::exchange(when_loaded_, {})) what(t, {});
}

// All that was decided since is void; what is on the disk counts.
void subscription::engine::fail(turn& t, const status& why) {
  if (phase_ != phase::running) return;
  phase_ = phase::failing;
  ++era_;
  *is_void_ = true;
  store_problem_ = "the store has not taken a step: " + to_string(why);
  log_warning("subscription \"" + name_ + "\": " + store_problem_ + "; going on from the last");
  partitions_.clear();
  marked_.clear();
  due_.clear();
  tries_ = held_messages_ = held_bytes_ = 0;
  for (auto it = keys_.begin(); it != keys_.end();) {
    auto& state = it->second;
    state.waiting.clear();
    state.to_be_held = 0;
    if (state.held) {
      for (auto& call : state.held->after_try) t.after(std::move(call));
    }
    state.held.reset();
    it = state.is_idle() ? keys_.erase(it) : std::next(it);
  }
  if (!is_stopping_) stop_readings(t);
}

void subscription::engine::advance(turn& t) {
  if (phase_ == phase::failing && steps_ == 0 && readings_ == 0 && !is_stopping_) {
    phase_ = phase::loading;
    backoff_ = std::clamp(backoff_ * 2, store_backoff_min, store_backoff_max);
    run_later(t, backoff_, [this](turn& later) { run_elsewhere(later, [this] { load(); }); });
  }
  while (!marked_.empty()) {
    auto* p = marked_.back();
    marked_.pop_back();
    p->is_marked = false;
    serve(t, *p);
  }
  if (phase_ == phase::running && !due_.empty()) start_tries(t);
  if (is_stopping_ && under_way_ == 0 && ended_ && ready_.empty()) {
    t.after(std::exchange(ended_, {}));
  }
}

void subscription::engine::mark(partition& p) {
  if (!std::exchange(p.is_marked, true)) marked_.push_back(&p);
}

void subscription::engine::mark_all() {
  for (auto& p : partitions_) mark(*p);
}

bool subscription::engine::may_take() const {
  return phase_ == phase::running && !is_paused_ && !is_stopping_ &&
         held_bytes_ < bounds_.held_bytes_max;
}

void subscription::engine::run_elsewhere(turn& t, std::function<void()> what) {
  ++under_way_;
  t.after([self = shared_from_this(), what = std::move(what)] {
    self->around_.elsewhere([self, what] {
      what();
      turn ended(*self);
      --self->under_way_;
    });
  });
}

void subscription::engine::run_later(turn& t, std::chrono::milliseconds delay,
                                     std::function<void(turn&)> what) {
  t.after([this, self = shared_from_this(), delay, what = std::move(what)] {
    around_.later(delay, [weak = std::weak_ptr(self), what] {
      auto still_there = weak.lock();
      if (!still_there) return;
      turn later(*still_there);
      if (!still_there->is_stopping_) what(later);
    });
  });
}

void subscription::engine::tell(turn& t, const on_done& done, status result) {
  if (done) t.after([done, result = std::move(result)] { done(result); });
}

void subscription::engine::when_loaded(std::function<void(turn&, const status&)> what) {
  auto self = shared_from_this();
  turn t(*this);
  if (is_stopping_) return what(t, not_running(name_));
  if (phase_ == phase::running) return what(t, {});
  when_loaded_.push_back(std::move(what));
}

// ------------------------------------------------------------------------------------------ status

subscription_status subscription::engine::status_now() {
  std::lock_guard lock(mutex_);
  subscription_status now;
  now.name = name_;
  now.source = description_;
  now.is_paused = is_paused_;
  now.handled = handled_;
  now.held = held_messages_;
  now.problem = !store_problem_.empty() ? store_problem_ : source_problem_;
  for (const auto& p : partitions_) {
    // Past what is not for us the cursor moves in memory only.
    auto next = p->is_empty() && p->steps == 0 ? p->read : p->stored;
    auto end = std::max(p->end, next);
    now.partitions.push_back({p->number, next, end});
    now.lag += value(end) - value(next);
    if (now.problem.empty()) now.problem = p->problem;
  }
  for (const auto& [key, state] : keys_) {
    if (!state.held || state.held->is_empty()) continue;
    ++(state.held->is_parked() ? now.parked : now.retrying);
  }
  if (now.problem.empty() && held_bytes_ >= bounds_.held_bytes_max) {
    now.problem = "holds back " + std::to_string(held_bytes_) +
                  " bytes of messages, and no more than " + std::to_string(bounds_.held_bytes_max) +
                  " are allowed; it reads on once some are retried or skipped";
  }
  return now;
}

}  // namespace perdure::pubsub
