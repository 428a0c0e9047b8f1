// What the relay does before it writes to a topic: it finds out how far it had got, here by its
// cursors and there by the topic's tails; and the steps by which it keeps both.

#include <algorithm>
#include <future>
#include <utility>

#include "base/log.hpp"
#include "pubsub/relay_worker.hpp"

namespace perdure::pubsub {
namespace {

std::string cursors_of(const std::string& topic) { return "perdure.relay/" + topic; }
std::string tails_of(const std::string& topic) { return "perdure.relay.tails/" + topic; }

}  // namespace

// ---------------------------------------------------------------------------------------
// recovering

// True: nobody else writes in our name, and the cursors are known.
bool event_relay::worker::recover() {
  bool has_failed = false;
  {
    std::lock_guard lock(mutex_);
    has_failed = !failed_.ok();
  }
  // A step that has failed may show after all; then the next one does not fit, and we come here
  // again.
  if (has_failed || !has_taken_over_) {
    auto done = settle();
    if (!done.ok()) {
      set_problem(to_string(done));
      has_taken_over_ = false;
      is_loaded_ = false;
      std::lock_guard lock(mutex_);
      failed_ = {};
      return false;
    }
  }
  if (!has_taken_over_) {
    for (auto& [topic, t] : topics_) t.is_ready = false;
    auto done = around_.writer.take_over();
    if (!done.ok()) {
      set_problem(to_string(done));
      return false;
    }
    has_taken_over_ = true;
  }
  if (!is_loaded_) topics_.clear();
  for (const auto& topic : around_.store.topics()) {
    if (topic == refused_topic || topics_.contains(topic)) continue;
    topic_state t;
    if (auto loaded = load(topic, t); !loaded.ok()) {
      set_problem(to_string(loaded));
      return false;
    }
    topics_[topic] = std::move(t);
  }
  is_loaded_ = true;
  return true;
}

status event_relay::worker::load(const std::string& topic, topic_state& t) {
  auto cursors = around_.store.read_cursors(cursors_of(topic));
  if (!cursors) return cursors.error();
  auto tails = around_.store.read_cursors(tails_of(topic));
  if (!tails) return tails.error();
  t.cursors.resize(shards_);
  for (const auto& c : *cursors) {
    if (c.partition < shards_) t.cursors[c.partition] = c.next;
  }
  for (const auto& c : *tails) t.tails[c.partition] = c.next;
  std::lock_guard lock(mutex_);
  durable_[topic] = t.cursors;
  return {};
}

bool event_relay::worker::has_backlog(const std::string& topic, const topic_state& t) const {
  for (std::uint32_t shard = 0; shard < shards_; ++shard) {
    if (around_.store.bounds(topic, shard).end > t.cursors[shard]) return true;
  }
  return false;
}

// -------------------------------------------------------------------------------------------
// topics

// Those that something waits for; each for itself, so that one that is not to be had stops nobody.
void event_relay::worker::make_ready() {
  auto now = steady_clock::now();
  for (auto& [topic, t] : topics_) {
    if (t.is_ready || t.retry_at > now || !has_backlog(topic, t)) continue;
    if (auto done = make_ready(topic, t); !done.ok()) {
      hold(topic, t, done);
      continue;
    }
    t.is_ready = true;
  }
}

// The tails are noted before anything is written, so that none of ours is before them.
status event_relay::worker::make_ready(const std::string& topic, topic_state& t) {
  if (auto there = around_.writer.prepare(topic, shards_); !there.ok()) return there;
  auto ends = around_.writer.ends(topic);
  if (!ends) return ends.error();
  auto to = t.cursors;
  // Without tails nothing was ever written.
  if (!t.tails.empty()) {
    auto found = around_.writer.find_written(topic, t.tails);
    if (!found) return found.error();
    for (const auto& [shard, behind] : *found) {
      if (shard >= shards_) continue;
      auto end = around_.store.bounds(topic, shard).end;
      if (behind > end) {
        log_error("topic \"" + topic + "\" holds more messages of ours than we have published (" +
                  std::to_string(value(behind)) + " of shard " + std::to_string(shard) +
                  ", here are " + std::to_string(value(end)) +
                  "): was the data folder restored from a backup?");
      }
      to[shard] = std::max(to[shard], std::min(behind, end));
    }
  }
  for (std::uint32_t shard = 0; shard < shards_; ++shard) {
    to[shard] = std::max(to[shard], around_.store.bounds(topic, shard).first);
  }
  if (to == t.cursors && *ends == t.tails) return {};
  persistence::topic_effects moves;
  move_cursors(topic, t, to, moves);
  move_tails(topic, t, *ends, moves);
  submit(std::move(moves));
  return settle();
}

void event_relay::worker::hold(const std::string& topic, topic_state& t, const status& why) {
  t.is_ready = false;
  t.backoff = std::clamp(t.backoff * 2, with_.backoff_min, with_.backoff_max);
  t.retry_at = steady_clock::now() + t.backoff;
  tell_held(called(topic), why);
}

std::string event_relay::worker::called(const std::string& topic) {
  return "topic \"" + topic + "\"";
}

std::string event_relay::worker::called(const relay_line& line) {
  return called(line.first) + ", partition " + std::to_string(line.second);
}

void event_relay::worker::tell_held(const std::string& what, const status& why) {
  auto text = what + ": " + to_string(why);
  std::lock_guard lock(mutex_);
  if (std::exchange(held_[what], text) != text) {
    log_warning("what is published waits here: " + text + "; trying again, others go on");
  }
}

relay_places event_relay::worker::places() const {
  relay_places ready;
  for (const auto& [topic, t] : topics_) {
    if (t.is_ready) ready[topic] = t.cursors;
  }
  return ready;
}

// ------------------------------------------------------------------------------------------
// stalled

// The message there cannot be read: its shard stays before it, and is tried again after a pause.
void event_relay::worker::stall(const relay_line& line, topic_offset at, const status& why) {
  auto& s = stalled_[line];
  s.at = at;
  s.backoff = std::clamp(s.backoff * 2, with_.backoff_min, with_.backoff_max);
  s.retry_at = steady_clock::now() + s.backoff;
  tell_held(called(line),
            {why.code(), "offset " + std::to_string(value(at)) + ": " + why.message()});
}

void event_relay::worker::forget_passed() {
  std::erase_if(stalled_, [&](const auto& one) {
    const auto& [line, s] = one;
    if (topics_[line.first].cursors[line.second] <= s.at) return false;
    std::lock_guard lock(mutex_);
    held_.erase(called(line));
    return true;
  });
}

relay_stops event_relay::worker::stops() const {
  auto all = refused_;
  auto now = steady_clock::now();
  for (const auto& [line, s] : stalled_) {
    if (s.retry_at <= now) continue;
    auto& stop = all.try_emplace(line, s.at).first->second;
    stop = std::min(stop, s.at);
  }
  return all;
}

// ------------------------------------------------------------------------------------------
// refused

// Once all before it has been written; and durable before what is behind it is, else a restart
// would take it for written. False: that failed.
bool event_relay::worker::put_refused_aside() {
  for (auto at = refused_.begin(); at != refused_.end();) {
    const auto& [place, offset] = *at;
    const auto& [topic, shard] = place;
    auto& t = topics_[topic];
    if (t.is_ready && t.cursors[shard] > offset) {
      at = refused_.erase(at);
      continue;
    }
    if (!t.is_ready || t.cursors[shard] != offset) {
      ++at;
      continue;
    }
    auto page = around_.store.read_topic(topic, shard, offset, 1);
    // It is refused again once it can be read.
    if (!page || page->empty()) {
      stall(place, offset, page ? status{status_code::data_loss, "it is missing"} : page.error());
      reasons_.erase(place);
      at = refused_.erase(at);
      continue;
    }
    auto message = std::move(page->front().message);
    log_error("a message to topic \"" + topic + "\", key \"" + message.key +
              "\", can never be written there and was put aside into topic \"" + refused_topic +
              "\": " + reasons_[place]);
    message.topic = refused_topic;
    message.metadata.emplace("perdure-topic", topic);
    message.metadata.emplace("perdure-reason", reasons_[place]);
    auto to = t.cursors;
    to[shard] = offset + 1;
    persistence::topic_effects moves;
    move_cursors(topic, t, to, moves);
    moves.messages.push_back(std::move(message));
    submit(std::move(moves));
    if (!settle().ok()) return false;
    reasons_.erase(place);
    at = refused_.erase(at);
    std::lock_guard lock(mutex_);
    ++status_.refused;
  }
  return true;
}

// --------------------------------------------------------------------------------------------
// steps

void event_relay::worker::move_cursors(const std::string& topic, topic_state& t,
                                       const std::vector<topic_offset>& to,
                                       persistence::topic_effects& moves) {
  for (std::uint32_t shard = 0; shard < shards_; ++shard) {
    if (to[shard] == t.cursors[shard]) continue;
    moves.cursors.push_back({cursors_of(topic), shard, t.cursors[shard], to[shard]});
    t.cursors[shard] = to[shard];
  }
}

void event_relay::worker::move_tails(const std::string& topic, topic_state& t,
                                     const known_tails& to, persistence::topic_effects& moves) {
  for (const auto& [partition, tail] : to) {
    moves.cursors.push_back({tails_of(topic), partition, std::nullopt, tail});
    t.tails[partition] = tail;
  }
}

void event_relay::worker::submit(persistence::topic_effects effects) {
  relay_places to;
  for (const auto& [topic, t] : topics_) to[topic] = t.cursors;
  persistence::step s;
  s.entity = {"perdure.relay", "relay"};
  s.kind = persistence::step_kind::mail_only;
  s.time = around_.step_times.next();
  s.mail = std::make_shared<persistence::mail_effects>();
  s.mail->topics = std::move(effects);
  {
    std::lock_guard lock(mutex_);
    ++in_flight_;
  }
  around_.commits.submit(std::move(s), [this, to = std::move(to)](const status& done) {
    std::lock_guard lock(mutex_);
    --in_flight_;
    if (done.ok() && failed_.ok()) {
      durable_ = to;
    } else if (failed_.ok()) {
      failed_ = done;
    }
    settled_.notify_all();
  });
}

// Waits until nothing is in flight: OK when all of it is durable.
status event_relay::worker::settle() {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [&] { return in_flight_ == 0; });
  return failed_;
}

}  // namespace perdure::pubsub
