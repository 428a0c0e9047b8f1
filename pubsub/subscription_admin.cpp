// What an administrator does to a subscription. Each verb is a step of its own, and is done when
// that is durable. Before: subscription_retries.cpp.

#include <algorithm>
#include <set>
#include <utility>

#include "pubsub/log_errors.hpp"
#include "pubsub/subscription_engine.hpp"

namespace perdure::pubsub {
namespace {

// Of keys that are parked so many are tried again by one step.
constexpr std::size_t keys_per_step = 100;

}  // namespace

void subscription::engine::set_paused(bool is_paused, on_done done) {
  when_loaded([this, is_paused, done = std::move(done)](turn& t, const status& loaded) {
    if (!loaded.ok()) return tell(t, done, loaded);
    is_paused_ = is_paused;
    auto effects = std::make_shared<persistence::mail_effects>();
    effects->topics.pauses.push_back({name_, is_paused});
    submit(t, effects, {}, done);
    mark_all();
  });
}

// ------------------------------------------------------------------------------------------ rewind

void subscription::engine::rewind(std::vector<position> to, on_done done) {
  rewind_to(
      [this, to = std::move(to)]() -> result<std::vector<position>> {
        auto count = source_.log->partitions(source_.topic);
        if (!count) return count.error();
        std::set<std::uint32_t> named;
        for (const auto& [number, next] : to) {
          if (number >= *count) return no_such_partition(source_.topic, number);
          if (!named.insert(number).second) {
            return status(status_code::invalid_argument,
                          place_in(source_.topic, number) + " is named twice");
          }
          auto there = source_.log->bounds(source_.topic, number);
          if (!there) return there.error();
          if (next < there->first || next > there->end) {
            return out_of_range(source_.topic, number, next, there->first, there->end);
          }
        }
        return to;
      },
      std::move(done));
}

void subscription::engine::rewind(timestamp to, on_done done) {
  rewind_to(
      [this, to]() -> result<std::vector<position>> {
        auto count = source_.log->partitions(source_.topic);
        if (!count) return count.error();
        std::vector<position> positions;
        for (std::uint32_t number = 0; number < *count; ++number) {
          auto next = source_.log->offset_at(source_.topic, number, to);
          if (!next) return next.error();
          positions.push_back({number, *next});
        }
        return positions;
      },
      std::move(done));
}

void subscription::engine::rewind_to(std::function<result<std::vector<position>>()> find_positions,
                                     on_done done) {
  when_loaded([this, find_positions = std::move(find_positions), done = std::move(done)](
                  turn& t, const status& loaded) {
    if (!loaded.ok()) return tell(t, done, loaded);
    run_elsewhere(t, [this, find_positions, done] {
      auto to = find_positions();
      turn then(*this);
      if (!to) return tell(then, done, to.error());
      if (phase_ != phase::running || is_stopping_) {
        return tell(then, done, {status_code::unavailable, "the store failed; try again"});
      }
      move_to(then, *to, done);
    });
  });
}

// Steps of before that are on their way are stored first. Whatever else is under way there counts
// for nothing.
void subscription::engine::move_to(turn& t, const std::vector<position>& to, const on_done& done) {
  auto effects = std::make_shared<persistence::mail_effects>();
  if (source_.may_repeat) effects->topics.forget_seen.push_back(name_);
  for (const auto& [number, next] : to) {
    effects->topics.cursors.push_back({name_, number, std::nullopt, next});
    cursors_[number] = next;  // where it is not known yet
    if (number >= partitions_.size()) continue;
    auto& p = *partitions_[number];
    drop(p);
    p.epoch = ++epochs_;
    p.given = p.read = next;
    p.resume.reset();
    p.is_anew = false;
    p.must_move = false;
    ++p.moves;
    if (p.seen) p.seen = std::make_shared<seen_subjects>(around_.store, name_);
    mark(p);
  }
  // Partitions that are found meanwhile begin there as well.
  auto moved = [this, to, known = partitions_.size()](turn&) {
    for (const auto& [number, next] : to) {
      if (number >= known) continue;
      auto& p = *partitions_[number];
      p.stored = next;
      --p.moves;
      mark(p);
    }
  };
  submit(t, effects, moved, done);
  stop_readings(t);
}

void subscription::engine::drop(partition& p) {
  for (const auto& m : p.window) {
    m->is_dropped = true;
    if (m->state != message::is_to_be_held) continue;
    auto at = keys_.find(m->key);
    --at->second.to_be_held;
    forget_if_idle(at);
  }
  p.window.clear();
  p.ahead.clear();
  p.ahead_bytes = 0;
}

// ------------------------------------------------------------------------------------------- retry

void subscription::engine::retry(const std::string& key, on_done done) {
  when_loaded([this, key, done = std::move(done)](turn& t, const status& loaded) {
    if (!loaded.ok()) return tell(t, done, loaded);
    auto at = keys_.find(key);
    if (at == keys_.end() || !at->second.is_held()) {
      return tell(t, done,
                  {status_code::not_found,
                   "no message of key \"" + key + "\" is held back by \"" + name_ + "\""});
    }
    retry_parked(t, {key}, done);
  });
}

void subscription::engine::retry_all(on_done done) {
  when_loaded([this, done = std::move(done)](turn& t, const status& loaded) {
    if (!loaded.ok()) return tell(t, done, loaded);
    std::vector<std::string> held;
    for (const auto& [key, state] : keys_) {
      if (state.held) held.push_back(key);
    }
    retry_parked(t, std::move(held), done);
  });
}

// Those that are not parked are just tried earlier; that they are tried is known to the store.
void subscription::engine::retry_parked(turn& t, std::vector<std::string> of_keys, on_done done) {
  std::vector<std::string> parked;
  while (!of_keys.empty() && parked.size() < keys_per_step) {
    auto at = keys_.find(of_keys.back());
    if (at != keys_.end() && at->second.held) {
      auto& queue = *at->second.held;
      if (queue.is_parked()) {
        parked.push_back(at->first);
      } else if (!queue.is_tried) {
        set_due(at->first, queue, around_.clock.now());
      }
    }
    of_keys.pop_back();
  }
  if (parked.empty()) return tell(t, done, {});
  auto then = [this, rest = std::move(of_keys), done = std::move(done)](const status& result) {
    if (rest.empty() || !result.ok()) return done ? done(result) : void();
    when_loaded([this, rest, done](turn& later, const status& loaded) {
      if (!loaded.ok()) return tell(later, done, loaded);
      retry_parked(later, rest, done);
    });
  };
  read_firsts(std::move(parked), [this, then](turn& later, result<first_messages> firsts) {
    if (!firsts) return tell(later, then, firsts.error());
    retry_firsts(later, *std::move(firsts), then);
  });
}

void subscription::engine::retry_firsts(turn& t, first_messages firsts, const on_done& done) {
  auto effects = std::make_shared<persistence::mail_effects>();
  for (auto& [place, what] : firsts) {
    auto at = keys_.find(place.key);
    if (at == keys_.end() || !at->second.held) continue;
    auto& queue = *at->second.held;
    if (!queue.is_parked() || queue.is_tried || queue.first != place.number) continue;
    what.retry_at = around_.clock.now();
    ++queue.changes_in_flight;
    set_due(place.key, queue, what.retry_at);
    effects->topics.held.push_back({std::move(place), std::move(what)});
  }
  if (effects->topics.held.empty()) return tell(t, done, {});
  submit(t, effects, {}, done);
}

void subscription::engine::read_firsts(std::vector<std::string> of_keys,
                                       std::function<void(turn&, result<first_messages>)> then) {
  auto read = [this, era = era_, of_keys = std::move(of_keys), then = std::move(then)] {
    first_messages firsts;
    status failed;
    for (const auto& key : of_keys) {
      auto page = around_.store.read_held(name_, persistence::held_place{name_, key, 0}, 1);
      if (!page.ok()) failed = page.error();
      if (page.ok() && !page->empty() && page->front().place.key == key) {
        firsts.push_back(std::move(page->front()));
      }
    }
    turn later(*this);
    if (era != era_ || is_stopping_)
      failed = {status_code::unavailable, "the store failed; try again"};
    if (!failed.ok()) return then(later, failed);
    then(later, std::move(firsts));
  };
  ++under_way_;
  around_.commits.submit_barrier([this, self = shared_from_this(), read](const status&) {
    turn durable(*this, turn::thread::committer);
    --under_way_;
    run_elsewhere(durable, read);
  });
}

// -------------------------------------------------------------------------------------------- skip

void subscription::engine::skip(const std::string& key, std::uint64_t number, on_done done) {
  when_loaded([this, key, number, done = std::move(done)](turn& t, const status& loaded) {
    if (!loaded.ok()) return tell(t, done, loaded);
    skip_first(key, number, done);
  });
}

void subscription::engine::skip_first(const std::string& key, std::uint64_t number,
                                      const on_done& done) {
  read_firsts({key}, [this, key, number, done](turn& later, result<first_messages> firsts) {
    if (!firsts) return tell(later, done, firsts.error());
    auto at = keys_.find(key);
    auto* queue = at == keys_.end() ? nullptr : at->second.held.get();
    if (queue && (queue->is_tried || queue->changes_in_flight > 0)) {
      // It may be gone when that has ended.
      auto again = [this, self = shared_from_this(), key, number, done] {
        skip(key, number, done);
      };
      if (!queue->is_tried) return later.after(again);
      return queue->after_try.push_back(again);
    }
    if (!queue || firsts->empty() || firsts->front().place.number != number) {
      return tell(later, done,
                  {status_code::not_found, "the message of key \"" + key + "\" with the number " +
                                               std::to_string(number) +
                                               " is not the first that is held back (any more)"});
    }
    auto effects = std::make_shared<persistence::mail_effects>();
    effects->topics.held.push_back({firsts->front().place, {}});
    ++queue->changes_in_flight;
    queue->first = number;
    queue->is_tried = true;  // until it is gone
    ++tries_;
    submit(later, effects, {}, done);
    first_is_gone(later, key, firsts->front().what);
  });
}

}  // namespace perdure::pubsub
